import { deliveryApi } from '@mysmtp/api';
import { minute, queues, wireGrace as longestGrace, type InHand } from '@mysmtp/contracts';
import { joinErasures, readOwnKeys } from '@mysmtp/erasure';
import { openApi, serve } from '@mysmtp/http';
import { startJob, type House } from '@mysmtp/service';
import { connectService, consume, openMembers } from '@mysmtp/tenancy';
import { dkimRecords } from './api/dkim-records.ts';
import { listHeld } from './api/list-held.ts';
import { settleHeld } from './api/settle-held.ts';
import { undelivered } from './api/undelivered.ts';
import type { DeliveryConfig } from './config.ts';
import { watchDrain } from './handling/drained.ts';
import { openDispatch } from './dispatch.ts';
import { startJobs } from './jobs/jobs.ts';
import { followDomains } from './jobs/dkim-keys.ts';
import { openModels } from './models.ts';
import { purgesOf } from './purges.ts';
import { createUpkeep } from './shelf/upkeep.ts';
import { createDkimKeyStore } from './signing/key-store.ts';
import { openReportKey } from './signing/report-key.ts';
import { createSigner } from './signing/signer.ts';
import { addGauges } from './telemetry.ts';

/**
 * Everything that delivery is made of, in order; the way in for mail comes last and goes first.
 * `wireGrace`: how long what is on the wire may take after a fence.
 */
export async function openResources(
  house: House<DeliveryConfig>,
  wireGrace = longestGrace,
): Promise<void> {
  const { config, name, log, clock, metrics } = house;
  const postmaster = config.postmaster ?? `postmaster@${config.returnPathDomain}`;
  const reportKey = await openReportKey(config, postmaster);
  // The heartbeats begin before mail comes in.
  let inHand: (() => InHand | undefined) | undefined;
  const connected = await connectService(house, {
    kept: { EXPIRY: config.expiry },
    inHand: () => inHand?.(),
  });
  const { database, tenants, projection } = connected;

  const { model, dkimKeys } = await openModels(database);
  const upkeep = createUpkeep(model, database, config.claimLease);

  const keys = createDkimKeyStore({ model: dkimKeys, tenants, clock, log });
  const signer = createSigner({ keys, tenants, projection, clock, log });
  tenants.onFence(({ tenant }) => signer.forgetTenant(tenant));
  const signing = { projection, keys, signer, log };
  followDomains(signing);

  const participant = await joinErasures(house, {
    ...connected,
    purges: { tenant: purgesOf({ shelf: model, dkimKeys, projection }) },
  });
  const dispatch = openDispatch(house, {
    ...connected,
    ingress: connected.client('ingress', config.ingressUrl),
    model,
    signer,
    postmaster,
    reportKey,
    participant,
    wireGrace,
  });
  const jobs = startJobs({
    ...signing,
    upkeep,
    ours: dispatch.ours,
    clock,
    metrics,
    expiry: config.expiry,
    lease: config.claimLease,
  });
  for (const job of jobs) house.own(job, (started) => started.stop());
  const members = house.own(
    openMembers(connected.control, { services: [name], lease: config.processLease, log }),
    (open) => open.close(),
  );
  const drain = watchDrain(() => members.live().flatMap(({ inHand }) => inHand ?? []), clock);
  const published = await readOwnKeys(house);
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: serve(deliveryApi)({
        showKeys: async () => ({ status: 200, body: published }),
        dkimRecords: dkimRecords(signer),
        listHeld: listHeld(dispatch.held),
        settleHeld: settleHeld(dispatch.held),
        undelivered: undelivered(upkeep, drain),
      }),
      tokens: connected.tokens,
      callers: connected.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  addGauges(metrics, dispatch);
  const consumer = consume(
    house,
    connected.broker,
    {
      queue: queues.deliveryMail,
      prefetch: config.window,
      handle: participant.throughMarkers(queues.deliveryMail, dispatch.take),
      onBegin: dispatch.recent.begin,
    },
    async (open) => {
      await open.pause().catch((error: unknown) => log.debug('consumer.cancel_failed', { error }));
      await dispatch.stop();
      await open.close();
    },
  );
  // Who stops takes no more, and would stand for another consumer that says nothing.
  inHand = () =>
    consumer.isUp() && !house.stopping.aborted
      ? { at: clock.now(), youngSince: dispatch.recent.youngSince() }
      : undefined;
  const look = () => drain.look(consumer);
  house.own(startJob('look-into-queue', minute, look, house), (started) => started.stop());
  house.readyWhen('rabbitmq', () => consumer.isUp() && connected.publisher.isReady());
}
