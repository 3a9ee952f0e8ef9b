import { openConsumer, openPublisher } from '@mysmtp/broker';
import { projectedEntities, queues } from '@mysmtp/contracts';
import { joinErasures, readOwnKeys, standBehindGate, standingAt } from '@mysmtp/erasure';
import { createServiceClient, openApi, openTrust } from '@mysmtp/http';
import { openKeyring } from '@mysmtp/keys';
import { openProjection, openProjectionCollection, tokenLookup } from '@mysmtp/projection';
import { openSigned } from '@mysmtp/signed';
import { openDatabase, showQueue, startJob, type House } from '@mysmtp/service';
import { routes } from './api/routes.ts';
import type { LoggingConfig } from './config.ts';
import { messageEvents } from './consumers/message-events.ts';
import { createRetention, retentionPeriod } from './jobs/retention.ts';
import { openDayCollections } from './messages/day-collections.ts';
import { createIntakeMetrics } from './messages/intake-metrics.ts';
import { openIntake } from './messages/intake.ts';
import { createRowOpener } from './messages/open-rows.ts';
import { purgeRows } from './messages/purge.ts';
import { createUsageLog } from './messages/usage-log.ts';

/**
 * Broker messages that may be unsettled here. Each has up to a few hundred events: what one catches
 * up with after a night must fit into memory.
 */
const window = 200;

/** Everything that the usage log is made of, in order; the ways in come last. */
export async function openResources(house: House<LoggingConfig>): Promise<void> {
  const { config, clock, log, metrics } = house;
  const { retention } = config;
  const broker = { url: config.rabbitmqUrl.reveal(), service: house.name, log };
  const { tokens, callers } = await openTrust(house);
  const signed = await openSigned(house);
  const identity = createServiceClient({
    service: 'identity',
    baseUrl: config.identityUrl,
    tokens,
  });
  const privacy = createServiceClient({ service: 'privacy', baseUrl: config.privacyUrl, tokens });

  const publisher = house.own(await openPublisher(broker), (open) => open.close());
  const kept = { USAGE_LOG_RETENTION: retention };
  const gate = await standBehindGate(house, { broker, publisher, signed, privacy, kept });

  const database = await openDatabase(house);
  const days = openDayCollections(database);
  const removeOld = createRetention({ days, retention, clock, log, metrics });
  house.own(startJob('retention', retentionPeriod, removeOld, house), (job) => job.stop());

  const projection = house.own(
    await openProjection({
      entities: projectedEntities.logging,
      collection: await openProjectionCollection(database, 'identity'),
      client: identity,
      broker,
      signed,
      log,
      clock,
      metrics,
    }),
    (open) => open.close(),
  );
  const keyring = house.own(
    await openKeyring({
      client: privacy,
      broker,
      signed,
      freshness: config.keyFreshness,
      clock,
      log,
      metrics,
    }),
    (open) => open.close(),
  );
  gate.onFence(({ tenant }) => keyring.forget(tenant));

  const opener = createRowOpener({ keyring, log, metrics });
  const usageLog = createUsageLog({ days, keyring, opener, retention, clock });
  house.own(
    await openApi({
      service: house.name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      routes: routes(usageLog, log, await readOwnKeys(house)),
      tokens: tokenLookup(projection, (tenant) => gate.closedFor(tenant) !== undefined),
      callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  const participant = await joinErasures(house, {
    broker,
    publisher,
    signed,
    standing: standingAt(privacy),
    database,
    purges: {
      'logging.messages': ({ tenant }, count) => purgeRows(days, tenant, count),
      'logging.identity': async ({ tenant }, count) => count(await projection.forget(tenant)),
    },
  });
  const intakeMetrics = createIntakeMetrics(metrics);
  const intake = openIntake({
    days,
    retention,
    window,
    gate,
    countDropped: (erasure, count) => participant.dropped(erasure, queues.loggingMessages, count),
    clock,
    log,
    metrics: intakeMetrics,
  });
  const consumer = house.own(
    await openConsumer({
      ...broker,
      queue: queues.loggingMessages,
      prefetch: window,
      handle: participant.throughMarkers(
        queues.loggingMessages,
        messageEvents({ intake, log, metrics: intakeMetrics }),
      ),
    }),
    async (open) => {
      intake.finish();
      await open.close();
    },
  );
  showQueue(house, queues.loggingMessages, consumer);
  house.readyWhen('rabbitmq', consumer.isUp);
}
