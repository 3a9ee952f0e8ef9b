import { queues } from '@mysmtp/contracts';
import { joinErasures, readOwnKeys } from '@mysmtp/erasure';
import { openApi } from '@mysmtp/http';
import { startJob, type House } from '@mysmtp/service';
import { connectService, consume } from '@mysmtp/tenancy';
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
  const connected = await connectService(house, { kept: { USAGE_LOG_RETENTION: retention } });
  const { database, tenants, projection } = connected;

  const days = openDayCollections(database);
  const removeOld = createRetention({ days, retention, clock, log, metrics });
  house.own(startJob('retention', retentionPeriod, removeOld, house), (job) => job.stop());

  const opener = createRowOpener({ tenants, log, metrics });
  const usageLog = createUsageLog({ days, tenants, opener, retention, clock });
  house.own(
    await openApi({
      service: house.name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: routes(usageLog, log, await readOwnKeys(house)),
      tokens: connected.tokens,
      callers: connected.callers,
      checkReplies: config.checkReplies,
      log,
      metrics,
    }),
    (api) => api.close(),
  );

  const participant = await joinErasures(house, {
    ...connected,
    purges: {
      tenant: {
        'logging.messages': ({ tenant }, count) => purgeRows(days, tenant, count),
        'logging.identity': async ({ tenant }, count) => count(await projection.forget(tenant)),
      },
    },
  });
  const intakeMetrics = createIntakeMetrics(metrics);
  const intake = openIntake({
    days,
    retention,
    window,
    tenants,
    countDropped: (erasure, count) => participant.dropped(erasure, queues.loggingMessages, count),
    clock,
    log,
    metrics: intakeMetrics,
  });
  const consumer = consume(
    house,
    connected.broker,
    {
      queue: queues.loggingMessages,
      prefetch: window,
      handle: participant.throughMarkers(
        queues.loggingMessages,
        messageEvents({ intake, log, metrics: intakeMetrics }),
      ),
    },
    async (open) => {
      intake.finish();
      await open.close();
    },
  );
  house.readyWhen('rabbitmq', consumer.isUp);
}
