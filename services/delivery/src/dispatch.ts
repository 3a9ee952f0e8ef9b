import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handle } from '@mysmtp/broker';
import { queues } from '@mysmtp/contracts';
import type { Participant } from '@mysmtp/erasure';
import type { ServiceClient } from '@mysmtp/http';
import type { House } from '@mysmtp/service';
import type { ConnectedService } from '@mysmtp/tenancy';
import { createReportWriter } from './bounces/report-writer.ts';
import type { DeliveryConfig } from './config.ts';
import { createMailConsumer } from './consumers/mail.ts';
import { oldAfter } from './handling/drained.ts';
import { createRecent, type Recent } from './consumers/recent.ts';
import { createCourier } from './courier/attempt.ts';
import { createDial } from './dial/dial.ts';
import { createOutbox } from './events/outbox.ts';
import { createFromQueue } from './handling/from-queue.ts';
import { createHeld, type Held } from './handling/held.ts';
import { createWork } from './handling/work.ts';
import { messageOpener } from './message/open.ts';
import { openPatiently } from './message/open-patiently.ts';
import { createRouter } from './routing/router.ts';
import { openClaims } from './shelf/claims.ts';
import type { ShelfModel } from './shelf/document.ts';
import { durableWrites } from './shelf/durably.ts';
import { createShelf } from './shelf/store.ts';
import { startWorker } from './shelf/worker.ts';
import type { SigningKey } from './signing/sign.ts';
import type { Signer } from './signing/signer.ts';
import { createSites } from './sites/sites.ts';
import { createTelemetry } from './telemetry.ts';

/** From a broker message or a shelf document to its outcome. */
export interface Dispatch {
  readonly take: Handle;
  readonly held: Held;
  /** How many broker messages this process has in hand. */
  window(): number;
  /** How long ago the oldest of them was accepted. Milliseconds. */
  oldestAge(): number;
  /** Since when none of them was old. */
  readonly recent: Pick<Recent, 'begin' | 'youngSince'>;
  shelf(): number;
  /** Matches the claims of this process. */
  readonly ours: RegExp;
  connections(): number;
  sites(): number;
  /** Dials nobody more, lets what is on the wire finish, tells the others, gives claims back. */
  stop(): Promise<void>;
}

/** How long a message waits for its key before it makes room. */
const keyPatience = 10_000;
/** How long the answer to a final dot is waited for when we stop. */
const wirePatience = 300_000;

export function openDispatch(
  house: House<DeliveryConfig>,
  means: ConnectedService & {
    /** Has the content of large messages. */
    ingress: ServiceClient;
    model: ShelfModel;
    signer: Signer;
    /** Author of the reports, and the key that signs them. */
    postmaster: string;
    reportKey: SigningKey | undefined;
    participant: Pick<Participant, 'dropped'>;
    wireGrace: number;
  },
): Dispatch {
  const { config, log, clock, metrics } = house;
  const { tenants, ingress, model, signer, participant, wireGrace } = means;
  const stopping = new AbortController();
  const telemetry = createTelemetry(metrics, log);
  const outbox = house.own(createOutbox(means.publisher, tenants, log), (open) => open.close());
  const durably = durableWrites(stopping.signal, log);
  const shelf = createShelf(model, tenants);

  const recent = createRecent(clock, oldAfter);
  const dns = new Resolver();
  if (config.dnsServers !== undefined) dns.setServers(config.dnsServers);
  const router = createRouter({ dns, clock, smarthost: config.smarthost, port: config.mxPort });
  const sites = house.own(
    createSites({
      dial: createDial({ ...config, dns }),
      clock,
      patience: config.sitePatience,
      connections: config.siteConnections,
      messagesPerConnection: config.connectionMessages,
      idleTime: config.connectionIdle,
      transactionTime: config.transactionTimeout,
      dialTime: config.dialTimeout,
      window: config.window,
      isFull: () => recent.size >= config.window,
    }),
    (open) => open.close(),
  );
  const courier = createCourier({ sites, signer, clock, tenants, wireGrace });
  tenants.onFence(({ tenant }) => courier.clear(tenant));
  const reports = createReportWriter({
    clock,
    telemetry,
    postmaster: means.postmaster,
    ehloName: config.ehloName,
    key: means.reportKey,
  });

  const claims = house.own(
    openClaims({ shelf, window: config.shelfWindow, lease: config.claimLease, log }),
    (open) => open.close(),
  );
  const queue = { shelf, claims, durably };
  const open = messageOpener(tenants, ingress);
  const work = createWork({
    rules: config,
    expiry: config.expiry,
    open,
    openPatiently: openPatiently(open, keyPatience, stopping.signal),
    router,
    courier,
    reports,
    outbox,
    queue,
    tenants,
    clock,
    telemetry,
    stopping: stopping.signal,
  });
  const fromQueue = createFromQueue({ queue, work, tenants, log });
  const worker = startWorker({ shelf, claims, handle: fromQueue, tenants, clock, log });
  const consumer = createMailConsumer({
    work,
    queue,
    recent,
    tenants,
    dropped: (erasure) => participant.dropped(erasure, queues.deliveryMail, 1),
    clock,
    log,
    expiry: config.expiry,
    inHandTime: config.inHandTime,
    stopping: stopping.signal,
  });

  async function stop(): Promise<void> {
    stopping.abort();
    sites.drain();
    const settled = Promise.all([worker.stop(), consumer.settled()]);
    const patience = AbortSignal.timeout(wirePatience);
    while (sites.counts().load > 0 && !patience.aborted) await sleep(50);
    sites.close();
    await outbox.close();
    await settled;
  }

  return {
    take: consumer.take,
    held: createHeld({ model, queue, work, tenants, log }),
    window: () => recent.size,
    oldestAge: recent.oldestAge,
    recent,
    shelf: () => claims.size,
    ours: claims.ours,
    connections: () => sites.counts().connections,
    sites: () => sites.counts().sites,
    stop,
  };
}
