import { privacyApi } from '@mysmtp/api';
import { openConsumer, openPublisher } from '@mysmtp/broker';
import {
  exceedingKeys,
  internalApis,
  projectedEntities,
  queues,
  registry as dataRegistry,
} from '@mysmtp/contracts';
import { createServiceClient, openApi, openTrust, serve } from '@mysmtp/http';
import { openProjection, openProjectionCollection, tokenLookup } from '@mysmtp/projection';
import {
  ConfigError,
  databaseTime,
  openDatabase,
  showQueue,
  startJob,
  type House,
} from '@mysmtp/service';
import { openSigned } from '@mysmtp/signed';
import { activateTenantHandler } from './api/activate-tenant.ts';
import { listDeadLetters } from './api/list-dead-letters.ts';
import { resolveKeysHandler } from './api/resolve-keys.ts';
import { rotateEpochHandler } from './api/rotate-epoch.ts';
import { settleDeadLetter } from './api/settle-dead-letter.ts';
import { showKeyring } from './api/show-keyring.ts';
import type { PrivacyConfig } from './config.ts';
import { deadLetterHandler } from './consumers/dead-letter.ts';
import { openDeadLetterModel } from './dead-letters/dead-letter.ts';
import { deadLetterExpiry } from './jobs/expire-dead-letters.ts';
import { rotateRoots } from './jobs/rotate-roots.ts';
import { announceDropped } from './keyring/announce.ts';
import { createKeyringMetrics } from './keyring/metrics.ts';
import { openRootModel } from './keyring/root.ts';
import { createRoots } from './keyring/roots.ts';
import { verifyRoots } from './keyring/verify.ts';
import { openErasures } from './open-erasures.ts';
import { openTenantModel } from './tenants/tenant.ts';
import { openFolderVault } from './vault/folder.ts';

const minute = 60_000;

/** The keyring first, verified before anyone can ask; then its neighbours, the ways in, the clockwork. */
export async function openResources(
  house: House<PrivacyConfig>,
  timeOfDatabase = databaseTime,
): Promise<void> {
  const { config, name, log, clock, metrics: registry } = house;
  const broker = { url: config.rabbitmqUrl.reveal(), service: name, log };

  const days = { mail: config.mailKeyDays, events: config.eventsKeyDays };
  const kept = { DEAD_LETTER_RETENTION: config.deadLetterRetention };
  const problems = exceedingKeys(name, kept, days);
  if (problems.length > 0) throw new ConfigError(problems);

  const connection = await openDatabase(house);
  const vault = await openFolderVault(config.vaultDir);
  house.readyWhen('vault', async () => (await vault.list()).length > 0);
  const model = await openRootModel(connection);
  const tenants = await openTenantModel(connection);
  const deadLetters = await openDeadLetterModel(connection);
  await verifyRoots(model, vault, log);

  // A broker that is away takes no readiness from us: keys must be had all the same.
  const publisher = house.own(await openPublisher(broker), (open) => open.close());
  const { tokens, callers } = await openTrust(house);
  const signed = await openSigned(house);
  const delivery = createServiceClient({
    service: 'delivery',
    baseUrl: config.deliveryUrl,
    tokens,
  });
  const metrics = createKeyringMetrics(registry);
  const keyring = {
    roots: createRoots({ model, vault, clock, log }),
    tenants,
    days,
    clock,
    timeOfDatabase: () => timeOfDatabase(connection),
    log,
    metrics,
    undelivered: async (day: string) =>
      (await delivery.call(internalApis.undeliveredMail, { day })).count,
    announce: (purpose: 'mail' | 'events', day: string) =>
      announceDropped({ tenant: null, ids: [`${purpose}:${day}`] }, { publisher, signed, log }),
  };
  await keyring.roots.currentEpoch();

  const projection = house.own(
    await openProjection({
      entities: projectedEntities.privacy,
      collection: await openProjectionCollection(connection, 'projection'),
      client: createServiceClient({ service: 'identity', baseUrl: config.identityUrl, tokens }),
      broker,
      signed,
      log,
      clock,
      metrics: registry,
    }),
    (open) => open.close(),
  );
  const { roots } = keyring;
  const erasures = await openErasures(house, {
    connection,
    broker,
    publisher,
    signed,
    tenants,
    deadLetters,
    roots,
    projection,
  });
  const { gate, participant } = erasures;
  const expireDeadLetters = deadLetterExpiry({
    deadLetters,
    retention: config.deadLetterRetention,
    clock,
    log,
    metrics: registry,
  });
  for (const job of [
    startJob('rotate-roots', minute, () => rotateRoots(keyring), house),
    startJob('expire-dead-letters', 10 * minute, expireDeadLetters, house),
  ]) {
    house.own(job, (started) => started.stop());
  }
  const consumer = house.own(
    await openConsumer({
      ...broker,
      queue: queues.deadLetters,
      prefetch: 20,
      handle: participant.throughMarkers(
        queues.deadLetters,
        deadLetterHandler({ deadLetters, gate, participant, clock, log, metrics: registry }),
      ),
    }),
    (open) => open.close(),
  );
  showQueue(house, queues.deadLetters, consumer);
  house.own(
    await openApi({
      service: name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      routes: serve(privacyApi)({
        ...erasures.handlers,
        resolveKeys: resolveKeysHandler(keyring),
        activateTenant: activateTenantHandler(keyring),
        keyDays: async () => ({ status: 200, body: days }),
        showKeyring: showKeyring(keyring),
        rotateEpoch: rotateEpochHandler(keyring),
        listDeadLetters: listDeadLetters(deadLetters),
        settleDeadLetter: settleDeadLetter({ deadLetters, publisher, log }),
        // For everybody to read (GDPR Art. 13, 30).
        showRegistry: async () => ({ status: 200, body: dataRegistry }),
      }),
      tokens: tokenLookup(projection, (tenant) => gate.closedFor(tenant) !== undefined),
      callers,
      checkReplies: config.checkReplies,
      log,
      metrics: registry,
    }),
    (api) => api.close(),
  );
}
