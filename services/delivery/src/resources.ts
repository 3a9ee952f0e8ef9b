import { openAuthThrottle } from '@mysmtp/auth-throttle';
import { deliveryApi } from '@mysmtp/api';
import {
  internalApis,
  minute,
  queues,
  wireGrace as longestGrace,
  type InFlightReport,
} from '@mysmtp/contracts';
import { openErasureParticipant, readOwnKeys, type Purge } from '@mysmtp/erasure';
import { openApi, serve } from '@mysmtp/http';
import { openOrders } from '@mysmtp/orders';
import { startJob, type ServiceContext } from '@mysmtp/service';
import { openSecurityLog } from '@mysmtp/security-log';
import { connectService, consume, keysOf } from '@mysmtp/tenancy';
import { dkimRecords } from './api/dkim-records.ts';
import { listHeld } from './api/list-held.ts';
import { settleHeld } from './api/settle-held.ts';
import { suppressionHandlers } from './api/suppressions.ts';
import { undelivered } from './api/undelivered.ts';
import type { DeliveryConfig } from './config.ts';
import { watchDrain } from './handling/queue-drain.ts';
import { openPipeline } from './pipeline.ts';
import { startJobs } from './jobs/jobs.ts';
import { followDomains } from './jobs/dkim-keys.ts';
import { messageOpener } from './message/open.ts';
import { openModels } from './models.ts';
import { personStoresOf } from './person-stores.ts';
import { purgesOf } from './purges.ts';
import { createMaintenance } from './deferred/maintenance.ts';
import { createDkimKeyStore } from './signing/key-store.ts';
import { openDsnKey } from './signing/dsn-key.ts';
import { createSigner } from './signing/signer.ts';
import { createSuppressionStore } from './suppressions/store.ts';
import { openSuppressions } from './suppressions/suppressions.ts';
import { addGauges, countUnpublished } from './telemetry.ts';

/**
 * Opens the parts of delivery in order. The consumer of mail is opened last and closed first. `wireGrace`:
 * how long a transaction may take after a fence.
 */
export async function openResources(
  context: ServiceContext<DeliveryConfig>,
  wireGrace = longestGrace,
): Promise<void> {
  const { config, name, log, clock, metrics } = context;
  const postmaster = config.postmaster ?? `postmaster@${config.returnPathDomain}`;
  const dsnKey = await openDsnKey(config, postmaster);
  // Set later, because the heartbeats begin before mail is consumed.
  let inFlight: (() => InFlightReport | undefined) | undefined;
  const connected = await connectService(context, {
    kept: { EXPIRY: config.expiry },
    inFlight: () => inFlight?.(),
  });
  const { database, tenants, projection } = connected;
  const authThrottle = openAuthThrottle(context, connected);
  const securityLog = openSecurityLog(context, { ...connected, keyOf: keysOf(connected.tenants) });

  const { model, dkimKeys, suppressions: suppressionModel } = await openModels(database);
  const suppressionStore = createSuppressionStore(suppressionModel);
  const suppressions = context.manage(
    openSuppressions({ ...connected, store: suppressionStore, log }),
    (open) => open.close(),
  );
  const maintenance = createMaintenance(model, database, {
    lease: config.deferredLease,
    crashPause: config.crashPause,
  });

  const keys = createDkimKeyStore({ model: dkimKeys, tenants, clock, log });
  const onUnpublished = countUnpublished(metrics);
  const signer = createSigner({ keys, tenants, projection, clock, log, onUnpublished });
  tenants.onFence(({ tenant }) => signer.forgetTenant(tenant));
  const identity = connected.client('identity', config.identityUrl);
  const signing = { projection, keys, signer, identity, log };
  followDomains(signing);

  const ingress = connected.client('ingress', config.ingressUrl);
  const purgePerson = Promise.withResolvers<Purge<'person'>>();
  const participant = await openErasureParticipant(context, {
    ...connected,
    purges: {
      tenant: purgesOf({
        deferred: model,
        dkimKeys,
        suppressions: suppressionModel,
        projection,
      }),
      person: {
        'delivery.deferred': async (...order) => (await purgePerson.promise)(...order),
      },
    },
    plant: {
      async tenant({ erasure, tenant }) {
        const canary = {
          tenant,
          person: 'canary',
          ground: 'restriction',
          request: erasure,
        } as const;
        // A repeated command after the fence: nothing can be planted any more.
        if (tenants.fencedBy(tenant) === undefined)
          await suppressions.add({ ...canary, at: new Date(clock.now()) });
        return {};
      },
    },
    orders: await openOrders(context, {
      ...connected,
      standing: (asked) => connected.privacy.call(internalApis.orderStanding, asked),
      stores: personStoresOf({
        deferred: model,
        open: messageOpener(tenants, ingress),
        store: suppressionStore,
        suppressions,
        clock,
      }),
    }),
  });
  const pipeline = openPipeline(context, {
    ...connected,
    ingress,
    model,
    signer,
    suppressions,
    postmaster,
    dsnKey,
    participant,
    wireGrace,
  });
  purgePerson.resolve(pipeline.purgePerson);
  const jobs = startJobs({
    ...signing,
    maintenance,
    ours: pipeline.ours,
    clock,
    metrics,
    expiry: config.expiry,
    lease: config.deferredLease,
  });
  for (const job of jobs) context.manage(job, (started) => started.stop());
  projection.onChange(({ entity, id: tenant, state }, before) => {
    if (entity !== 'tenant' || state?.status !== 'active') return;
    if (before === undefined || !('status' in before) || before.status === 'active') return;
    // If this fails, its mail is due within ten minutes.
    maintenance.makeDue(tenant, clock.now()).catch((error: unknown) => {
      log.warn('deferred.not_made_due', { tenant, error });
    });
  });
  const drain = watchDrain(
    () => connected.members.live().flatMap(({ inFlight: theirs }) => theirs ?? []),
    clock,
  );
  const published = await readOwnKeys(context);
  context.manage(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: serve(deliveryApi)({
        showKeys: async () => ({ status: 200, body: published }),
        dkimRecords: dkimRecords(signer, connected.projection),
        listHeld: listHeld(pipeline.held),
        settleHeld: settleHeld(pipeline.held),
        ...suppressionHandlers({ store: suppressionStore, suppressions, tenants }),
        undelivered: undelivered(maintenance, drain),
      }),
      tokens: connected.tokens,
      accounts: connected.accounts,
      callers: connected.callers,
      authFailures: authThrottle,
      securityLog,
      checkReplies: config.checkReplies,
      clock,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  addGauges(metrics, pipeline);
  const consumer = consume(
    context,
    connected.broker,
    {
      queue: queues.deliveryMail,
      prefetch: config.window,
      handle: participant.withQueueMarkers(queues.deliveryMail, pipeline.take),
      onBegin: pipeline.inFlight.begin,
    },
    async (open) => {
      await open.pause().catch((error: unknown) => log.debug('consumer.cancel_failed', { error }));
      await pipeline.stop();
      await open.close();
    },
  );
  // A stopping process sends no statement: it could count in place of another consumer that sends none.
  inFlight = () =>
    consumer.isUp() && !context.stopping.aborted
      ? { at: clock.now(), youngSince: pipeline.inFlight.youngSince() }
      : undefined;
  const observe = () => drain.look(consumer);
  context.manage(startJob('observe-queue', minute, observe, context), (started) => started.stop());
  context.readyWhen('rabbitmq', () => consumer.isUp() && connected.publisher.isReady());
}
