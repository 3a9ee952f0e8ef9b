import { deliveryApi } from '@mysmtp/api';
import { openConsumer } from '@mysmtp/broker';
import { queues, wireGrace as longestGrace } from '@mysmtp/contracts';
import { joinErasures, readOwnKeys } from '@mysmtp/erasure';
import { openApi, serve } from '@mysmtp/http';
import { tokenLookup } from '@mysmtp/projection';
import { showQueue, startJob, type House } from '@mysmtp/service';
import { dkimRecords } from './api/dkim-records.ts';
import { listHeld } from './api/list-held.ts';
import { settleHeld } from './api/settle-held.ts';
import { undelivered } from './api/undelivered.ts';
import type { DeliveryConfig } from './config.ts';
import { lookIntoQueue } from './consumers/drained.ts';
import { openDispatch } from './dispatch.ts';
import { startJobs } from './jobs/jobs.ts';
import { followDomains } from './jobs/dkim-keys.ts';
import { openModels } from './models.ts';
import { openNeighbours } from './neighbours.ts';
import { purgesOf } from './purges.ts';
import { createUpkeep } from './shelf/upkeep.ts';
import { createDkimKeyStore } from './signing/key-store.ts';
import { openReportKey } from './signing/report-key.ts';
import { createSigner } from './signing/signer.ts';
import { addGauges } from './telemetry.ts';

const minute = 60_000;

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
  const neighbours = await openNeighbours(house);
  const { database, gate, keyring, projection } = neighbours;

  const { model, dkimKeys, windows } = await openModels(database);
  const upkeep = createUpkeep(model, database, config.claimLease);

  const keys = createDkimKeyStore({ model: dkimKeys, keyring, gate, clock, log });
  const signer = createSigner({ keys, keyring, projection, gate, clock, log });
  gate.onFence(({ tenant }) => signer.forgetTenant(tenant));
  const signing = { projection, keys, signer, log };
  followDomains(signing);

  const participant = await joinErasures(house, {
    ...neighbours,
    purges: purgesOf({ shelf: model, dkimKeys, projection }),
  });
  const dispatch = openDispatch(house, {
    ...neighbours,
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
  const published = await readOwnKeys(house);
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      routes: serve(deliveryApi)({
        showKeys: async () => ({ status: 200, body: published }),
        dkimRecords: dkimRecords(signer),
        listHeld: listHeld(dispatch.held),
        settleHeld: settleHeld(dispatch.held),
        undelivered: undelivered(upkeep, windows),
      }),
      tokens: tokenLookup(projection, (tenant) => gate.closedFor(tenant) !== undefined),
      callers: neighbours.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  addGauges(metrics, dispatch);
  const consumer = house.own(
    await openConsumer({
      ...neighbours.broker,
      queue: queues.deliveryMail,
      prefetch: config.window,
      handle: participant.throughMarkers(queues.deliveryMail, dispatch.take),
      onBegin: dispatch.recent.begin,
    }),
    async (open) => {
      await open.pause().catch((error: unknown) => log.debug('consumer.cancel_failed', { error }));
      await dispatch.stop();
      await open.close();
    },
  );
  showQueue(house, queues.deliveryMail, consumer);
  const look = lookIntoQueue({ windows, queue: consumer, recent: dispatch.recent, clock });
  house.own(startJob('look-into-queue', minute, look, house), (started) => started.stop());
  house.readyWhen('rabbitmq', () => consumer.isUp() && neighbours.publisher.isReady());
}
