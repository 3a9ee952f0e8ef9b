import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handle } from '@mysmtp/broker';
import { queues } from '@mysmtp/contracts';
import type { Participant, Purge } from '@mysmtp/erasure';
import type { ServiceClient } from '@mysmtp/http';
import type { ServiceContext } from '@mysmtp/service';
import type { ConnectedService } from '@mysmtp/tenancy';
import { createDsnWriter } from './bounces/dsn-writer.ts';
import type { DeliveryConfig } from './config.ts';
import { createMailConsumer } from './consumers/mail.ts';
import { oldAfter } from './handling/queue-drain.ts';
import { createInFlightMessages, type InFlightMessages } from './consumers/in-flight.ts';
import { createCourier } from './courier/attempt.ts';
import { createDial } from './dial/dial.ts';
import { createEventPublisher } from './events/event-publisher.ts';
import { createOutcomes } from './events/outcomes.ts';
import { createPublishedRows } from './events/published-rows.ts';
import { createFromQueue } from './handling/from-queue.ts';
import { createHeldMail, type HeldMail } from './handling/held.ts';
import { createHandler } from './handling/handler.ts';
import { personPurge } from './handling/purge-person.ts';
import { messageOpener, openPatiently } from './message/open.ts';
import { createRouter } from './routing/router.ts';
import { openLeases } from './deferred/leases.ts';
import type { DeferredModel } from './deferred/document.ts';
import { createRetryWrite } from './deferred/retry-write.ts';
import { createDeferredStore } from './deferred/store.ts';
import { startWorker } from './deferred/worker.ts';
import type { SigningKey } from './signing/sign.ts';
import type { Signer } from './signing/signer.ts';
import { createSites } from './sites/sites.ts';
import type { Suppressions } from './suppressions/suppressions.ts';
import { createTelemetry } from './telemetry.ts';

/** From a broker message or a document of the deferred queue to its outcome. */
export interface Pipeline {
  readonly take: Handle;
  readonly held: HeldMail;
  /** Removes a person from the deferred queue. */
  readonly purgePerson: Purge<'person'>;
  /** How many broker messages this process has in flight. */
  window(): number;
  /** How long ago the oldest broker message in flight was accepted. Milliseconds. */
  oldestAge(): number;
  /** Since when no message in flight was old. */
  readonly inFlight: Pick<InFlightMessages, 'begin' | 'youngSince'>;
  deferred(): number;
  /** Matches the leases of this process. */
  readonly ours: RegExp;
  connections(): number;
  sites(): number;
  /** Stops dialling, finishes transactions on the wire, publishes events, releases leases. */
  stop(): Promise<void>;
}

/** How long a message waits for its key before it is deferred. Milliseconds. */
const keyPatience = 10_000;
/** How long a stop waits for the reply to a final dot. Milliseconds. */
const wirePatience = 300_000;

export function openPipeline(
  context: ServiceContext<DeliveryConfig>,
  deps: ConnectedService & {
    /** Stores the content of large messages. */
    ingress: ServiceClient;
    model: DeferredModel;
    signer: Signer;
    suppressions: Suppressions;
    /** Author of the DSNs. `dsnKey` signs them. */
    postmaster: string;
    dsnKey: SigningKey | undefined;
    participant: Pick<Participant, 'dropped' | 'removed'>;
    wireGrace: number;
  },
): Pipeline {
  const { config, log, clock, metrics } = context;
  const { tenants, ingress, model, signer, suppressions, participant, wireGrace } = deps;
  const stopping = new AbortController();
  const telemetry = createTelemetry(metrics, log);
  const publishedRows = context.manage(createPublishedRows(deps.publisher, tenants, log), (open) =>
    open.close(),
  );
  const eventPublisher = context.manage(
    createEventPublisher(deps.publisher, tenants, publishedRows, log),
    (open) => open.close(),
  );
  const outcomes = context.manage(createOutcomes(deps.publisher, tenants, log), (open) =>
    open.close(),
  );
  const retryWrite = createRetryWrite(stopping.signal, log);
  const deferred = createDeferredStore(model, tenants);

  const inFlight = createInFlightMessages(clock, oldAfter);
  const dns = new Resolver();
  if (config.dnsServers !== undefined) dns.setServers(config.dnsServers);
  const router = createRouter({ dns, clock, smarthost: config.smarthost, port: config.mxPort });
  const sites = context.manage(
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
      isFull: () => inFlight.size >= config.window,
    }),
    (open) => open.close(),
  );
  const courier = createCourier({ sites, signer, suppressions, clock, tenants, wireGrace });
  tenants.onFence(({ tenant }) => courier.clear(tenant));
  tenants.onPersonFence(async ({ tenant, person }) => {
    // The messages do not name the person any more after they are cleared.
    const onWire = courier.clearPerson(tenant, person);
    await handler.clearPerson(tenant);
    return onWire;
  });
  const dsns = createDsnWriter({
    clock,
    telemetry,
    postmaster: deps.postmaster,
    ehloName: config.ehloName,
    key: deps.dsnKey,
  });

  const leases = context.manage(
    openLeases({ deferred, window: config.deferredWindow, lease: config.deferredLease, log }),
    (open) => open.close(),
  );
  const queue = { store: deferred, leases, retryWrite };
  const open = messageOpener(tenants, ingress);
  const handler = createHandler({
    rules: config,
    expiry: config.expiry,
    open,
    openPatiently: openPatiently(open, keyPatience, stopping.signal),
    router,
    courier,
    suppressions,
    dsns,
    eventPublisher,
    outcomes,
    queue,
    tenants,
    erased: (erasure, isStored) =>
      retryWrite(() =>
        isStored
          ? participant.removed(erasure, 'delivery.deferred', 1)
          : participant.dropped(erasure, queues.deliveryMail, 1),
      ),
    clock,
    telemetry,
    stopping: stopping.signal,
  });
  const { work } = handler;
  const fromQueue = createFromQueue({ queue, work, tenants, log });
  const worker = startWorker({ deferred, leases, handle: fromQueue, tenants, clock, log });
  const consumer = createMailConsumer({
    work,
    queue,
    inFlight,
    tenants,
    dropped: (erasure) => participant.dropped(erasure, queues.deliveryMail, 1),
    clock,
    log,
    expiry: config.expiry,
    inFlightTime: config.inFlightTime,
    window: config.window,
    stopping: stopping.signal,
  });

  async function stop(): Promise<void> {
    stopping.abort();
    sites.drain();
    const settled = Promise.all([worker.stop(), consumer.settled()]);
    const patience = AbortSignal.timeout(wirePatience);
    while (sites.counts().load > 0 && !patience.aborted) await sleep(50);
    sites.close();
    await eventPublisher.close();
    await settled;
  }

  return {
    take: consumer.take,
    held: createHeldMail({ model, queue, work, tenants, log }),
    purgePerson: personPurge({ model, queue, work, eventPublisher, tenants }),
    window: () => inFlight.size,
    oldestAge: inFlight.oldestAge,
    inFlight,
    deferred: () => leases.size,
    ours: leases.ours,
    connections: () => sites.counts().connections,
    sites: () => sites.counts().sites,
    stop,
  };
}
