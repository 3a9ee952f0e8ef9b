import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '@mysmtp/broker';
import { queues } from '@mysmtp/contracts';
import type { Participant } from '@mysmtp/erasure';
import type { House } from '@mysmtp/service';
import { createReportWriter } from './bounces/report-writer.ts';
import type { DeliveryConfig } from './config.ts';
import { createDeliver } from './consumers/deliver.ts';
import { createMailConsumer } from './consumers/mail.ts';
import { oldAfter } from './consumers/drained.ts';
import { createRecent, type Recent } from './consumers/recent.ts';
import { createCourier } from './courier/attempt.ts';
import { dial } from './courier/dial.ts';
import { describeDialFailure } from './courier/failures.ts';
import { createOutbox } from './events/outbox.ts';
import { messageOpener } from './message/open.ts';
import { openPatiently } from './message/open-patiently.ts';
import type { Neighbours } from './neighbours.ts';
import { createRouter } from './routing/router.ts';
import type { ShelfModel } from './shelf/document.ts';
import { durableWrites } from './shelf/durably.ts';
import { createHandler } from './shelf/handle.ts';
import { createHeld, type Held } from './shelf/held.ts';
import { createShelf } from './shelf/store.ts';
import { startWorker } from './shelf/worker.ts';
import type { Signer } from './signing/signer.ts';
import { createSites } from './sites/sites.ts';
import { createTelemetry } from './telemetry.ts';

/** From a broker message or a shelf document to its outcome. */
export interface Dispatch {
  take(delivery: Delivery): Promise<Outcome>;
  readonly held: Held;
  /** How many broker messages this process has in hand. */
  window(): number;
  /** How long ago the oldest of them was accepted. Milliseconds. */
  oldestAge(): number;
  /** Since when none of them was old. */
  readonly recent: Pick<Recent, 'begin' | 'youngSince'>;
  shelf(): number;
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
  means: Neighbours & {
    model: ShelfModel;
    signer: Signer;
    participant: Pick<Participant, 'dropped'>;
    wireGrace: number;
  },
): Dispatch {
  const { config, log, clock, metrics } = house;
  const { keyring, ingress, gate, model, signer, participant, wireGrace } = means;
  const stopping = new AbortController();
  const telemetry = createTelemetry(metrics, log);
  const outbox = house.own(createOutbox(means.publisher, gate, log), (open) => open.close());
  const durably = durableWrites(stopping.signal, log);
  const shelf = createShelf(model, gate);

  const dns = new Resolver();
  if (config.dnsServers !== undefined) dns.setServers(config.dnsServers);
  const router = createRouter({ dns, clock, smarthost: config.smarthost, port: config.mxPort });
  const sites = house.own(
    createSites({
      dial: (site, giveUp) => dial({ ...config, dns }, site, giveUp),
      describe: describeDialFailure,
      clock,
      patience: config.sitePatience,
      connections: config.siteConnections,
      messagesPerConnection: config.connectionMessages,
      idleTime: config.connectionIdle,
      transactionTime: config.transactionTimeout,
      dialTime: config.dialTimeout,
    }),
    (open) => open.close(),
  );
  const courier = createCourier({ sites, signer, clock, gate, wireGrace });
  gate.onFence(({ tenant }) => courier.clear(tenant));
  const reports = createReportWriter({
    keyring,
    clock,
    telemetry,
    postmaster: config.postmaster ?? `postmaster@${config.returnPathDomain}`,
    ehloName: config.ehloName,
  });

  const open = messageOpener(keyring, ingress);
  const concluding = {
    shelf,
    durably,
    gate,
    outbox,
    reports,
    telemetry,
    clock,
    expiry: config.expiry,
  };
  const common = { ...concluding, router, courier, log, ...retries(config) };
  const handle = createHandler({ ...common, open, handlingLimit: config.handlingLimit });
  const worker = startWorker({
    shelf,
    handle,
    gate,
    clock,
    log,
    window: config.shelfWindow,
    lease: config.claimLease,
  });
  const recent = createRecent(clock, oldAfter);
  const take = createMailConsumer({
    ...common,
    recent,
    dropped: (erasure) => participant.dropped(erasure, queues.deliveryMail, 1),
    open: openPatiently(open, keyPatience, stopping.signal),
    deliver: createDeliver({ ...common, worker }),
    stopping: stopping.signal,
  });

  async function stop(): Promise<void> {
    stopping.abort();
    sites.drain();
    const workerStopped = worker.stop();
    const patience = AbortSignal.timeout(wirePatience);
    while (sites.counts().load > 0 && !patience.aborted) await sleep(50);
    sites.close();
    await outbox.close();
    await workerStopped;
  }

  return {
    take,
    held: createHeld({ ...concluding, model, worker, log }),
    window: () => recent.size,
    oldestAge: recent.oldestAge,
    recent,
    shelf: () => worker.load,
    connections: () => sites.counts().connections,
    sites: () => sites.counts().sites,
    stop,
  };
}

const retries = ({ retryFirst, retryMax }: DeliveryConfig) => ({ retryFirst, retryMax });
