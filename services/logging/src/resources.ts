import { openAuthThrottle } from '@mysmtp/auth-throttle';
import { day, internalApis, queues, timeOfMessageId } from '@mysmtp/contracts';
import { openErasureParticipant, readOwnKeys } from '@mysmtp/erasure';
import { openApi } from '@mysmtp/http';
import { openOrders } from '@mysmtp/orders';
import { ConfigError, startJob, type ServiceContext } from '@mysmtp/service';
import { openSecurityLog } from '@mysmtp/security-log';
import { connectService, consume, keysOf } from '@mysmtp/tenancy';
import { openAuditChain } from './audit-chain.ts';
import { openDetection } from './open-detection.ts';
import { routes } from './api/routes.ts';
import type { LoggingConfig } from './config.ts';
import { messageEvents } from './consumers/message-events.ts';
import { createRetention, retentionPeriod } from './jobs/retention.ts';
import { openDayCollections } from './messages/day-collections.ts';
import { createEventWriterMetrics } from './messages/event-writer-metrics.ts';
import { openEventWriter } from './messages/event-writer.ts';
import { createRowOpener } from './messages/open-rows.ts';
import { purgePersonRows, purgeRows } from './messages/delete-rows.ts';
import { createUsageLog } from './messages/usage-log.ts';
import { openRetentions, refreshPeriod } from './retention/retentions.ts';
import { importMessages } from './api/import-messages.ts';
import { personStoresOf } from './person-stores.ts';
import { openRestrictions } from './restrictions/restrictions.ts';
import { createHourCounter } from './statistics/count-hours.ts';
import { openStatistics } from './statistics/store.ts';

/**
 * How many broker messages may be unsettled. Each has up to a few hundred events. The backlog of a night
 * must fit into memory.
 */
const window = 200;

/** How often changed hours of the statistics are counted, at most. */
const countPeriod = 2_000;

/** Opens all parts of the usage log in order; the entry points come last. */
export async function openResources(context: ServiceContext<LoggingConfig>): Promise<void> {
  const { config, clock, log, metrics } = context;
  const { retention: usual, longestRetention: longest } = config;
  if (usual > longest) {
    const reason = 'must be at most USAGE_LOG_LONGEST';
    throw new ConfigError([{ setting: 'USAGE_LOG_RETENTION', reason }]);
  }
  const kept = { USAGE_LOG_LONGEST: longest };
  const connected = await connectService(context, { kept });
  const { database, tenants, projection } = connected;
  const authThrottle = openAuthThrottle(context, connected);
  const securityLog = openSecurityLog(context, { ...connected, keyOf: keysOf(connected.tenants) });

  const days = openDayCollections(database);
  const retentions = await openRetentions(database, { usual, clock });
  await retentions.refresh();
  context.manage(startJob('read-retentions', refreshPeriod, retentions.refresh, context), (job) =>
    job.stop(),
  );
  const removeOld = createRetention({ days, retentions, usual, clock, log, metrics });
  context.manage(startJob('retention', retentionPeriod, removeOld, context), (job) => job.stop());

  const auditChain = await openAuditChain(context, connected, securityLog);
  const detection = await openDetection(context, connected, { ...auditChain, securityLog });
  const statistics = await openStatistics(database);
  const hours = createHourCounter({
    days,
    store: statistics,
    tenants,
    retentions,
    longest,
    clock,
    metrics,
  });
  context.manage(startJob('statistics', countPeriod, hours.run, context), (job) => job.stop());

  const opener = createRowOpener({ tenants, log, metrics });
  const restrictions = await openRestrictions(database, tenants);
  const usageLog = createUsageLog({ days, tenants, opener, restrictions, retentions, clock });
  context.manage(
    await openApi({
      service: context.name,
      address: config.bindAddress,
      port: config.apiPort,
      internalPort: config.internalPort,
      tls: connected.tls,
      routes: routes({
        usageLog,
        importMessages: importMessages({
          days,
          tenants,
          retentions,
          onWritten: hours.changed,
          clock,
          log,
        }),
        statistics,
        auditChain,
        detection,
        retentions,
        longestDays: longest / day,
        tenants,
        clock,
        log,
        published: await readOwnKeys(context),
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

  const participant = await openErasureParticipant(context, {
    ...connected,
    purges: {
      tenant: {
        'logging.messages': ({ tenant }, count) => purgeRows(days, tenant, count),
        'logging.auditEntries': auditChain.purge,
        'logging.statistics': async ({ tenant }, count) => count(await statistics.removeOf(tenant)),
        'logging.findings': detection.purge,
        'logging.retentions': async ({ tenant }, count) => count(await retentions.removeOf(tenant)),
        'logging.restrictions': async ({ tenant }, count) =>
          count(await restrictions.purge(tenant)),
        'logging.identityProjection': async ({ tenant }, count) =>
          count(await projection.forget(tenant)),
      },
      person: {
        async 'logging.messages'({ person }, count, { message: canary }) {
          await purgePersonRows(days, { person, canary }, count);
          // The statistics of the customer must not count the canary.
          if (canary !== undefined) hours.changed([timeOfMessageId(canary)]);
        },
      },
    },
    plant: {
      async tenant({ erasure, tenant }) {
        const canary = { tenant, person: 'canary', request: erasure, at: new Date(clock.now()) };
        // A repeated command after the fence: nothing can be planted any more.
        if (tenants.fencedBy(tenant) !== undefined) return {};
        await restrictions.set(canary);
        // The choice that is in force, as if the tenant had made it.
        await retentions.choose(tenant, retentions.days(tenant));
        return {};
      },
    },
    orders: await openOrders(context, {
      ...connected,
      standing: (asked) => connected.privacy.call(internalApis.orderStanding, asked),
      stores: personStoresOf({ days, opener, restrictions, retentions, auditChain, clock }),
    }),
  });
  const intakeMetrics = createEventWriterMetrics(metrics);
  const intake = openEventWriter({
    days,
    retentions,
    window,
    tenants,
    countDropped: (erasure, count) => participant.dropped(erasure, queues.loggingMessages, count),
    onWritten: hours.changed,
    clock,
    log,
    metrics: intakeMetrics,
  });
  const consumer = consume(
    context,
    connected.broker,
    {
      queue: queues.loggingMessages,
      prefetch: window,
      handle: participant.withQueueMarkers(
        queues.loggingMessages,
        messageEvents({ intake, log, metrics: intakeMetrics }),
      ),
    },
    async (open) => {
      intake.finish();
      await open.close();
    },
  );
  auditChain.consume(participant, detection);
  context.readyWhen('rabbitmq', consumer.isUp);
}
