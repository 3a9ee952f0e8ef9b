import type { loggingApi } from '@mysmtp/api';
import { hour, queues } from '@mysmtp/contracts';
import type { Participant, Purge } from '@mysmtp/erasure';
import type { Handler } from '@mysmtp/http';
import type { SecurityLog } from '@mysmtp/security-log';
import { startJob, type ServiceContext } from '@mysmtp/service';
import { consume, type ConnectedService } from '@mysmtp/tenancy';
import { listAuditEntries } from './api/list-audit-entries.ts';
import { openBrokenReports } from './audit/broken.ts';
import { erasePayloads } from './audit/erase.ts';
import { createEntryOpener, type EntryOpener } from './audit/open-entries.ts';
import { openAuditEntries, type AuditEntries } from './audit/store.ts';
import { openChainWriter } from './audit/writer.ts';
import { securityEvents } from './consumers/security-events.ts';
import type { Detection } from './detection/detection.ts';
import { headAttempts, signHeads } from './jobs/audit-chain.ts';
import { checkFully, fullCheck } from './jobs/audit-full-check.ts';
import { expirePayloads } from './jobs/audit-retention.ts';

/** How many broker messages may be unsettled. */
const window = 200;

/** What the audit chain provides to the rest of the service. */
export interface AuditChain {
  readonly entries: AuditEntries;
  readonly opener: EntryOpener;
  readonly purge: Purge<'tenant'>;
  readonly listAuditEntries: Handler<typeof loggingApi.listAuditEntries>;
  /** Begins to consume security events. */
  consume(participant: Participant, detection: Pick<Detection, 'see'>): void;
}

/** Opens the chain. Its consumer is opened later, because it needs the part in erasures. */
export async function openAuditChain(
  context: ServiceContext<unknown>,
  connected: ConnectedService,
  securityLog: Pick<SecurityLog, 'note'>,
): Promise<AuditChain> {
  const { clock, log, metrics } = context;
  const { tenants, privacy, signed, broker } = connected;
  const entries = await openAuditEntries(connected.database);
  const opener = createEntryOpener(tenants);
  const dropped = Promise.withResolvers<Participant['dropped']>();
  const chain = openChainWriter({
    entries,
    tenants,
    countDropped: async (erasure, count) =>
      (await dropped.promise)(erasure, queues.loggingSecurity, count),
    clock,
    log,
    metrics,
  });
  const report = openBrokenReports({ securityLog, log, metrics });
  const sign = signHeads({ entries, tenants, opener, privacy, signed, report, clock, log });
  const check = checkFully({
    entries,
    tenants,
    opener,
    chain,
    report,
    perRun: fullCheck.perRun,
    clock,
    log,
    metrics,
  });
  const expire = expirePayloads({ entries, chain, clock, log, metrics });
  context.manage(startJob('sign-audit-head', headAttempts, sign, context), (job) => job.stop());
  context.manage(startJob('check-audit-chain', fullCheck.period, check, context), (job) =>
    job.stop(),
  );
  context.manage(startJob('expire-audit-payloads', hour / 2, expire, context), (job) => job.stop());
  return {
    entries,
    opener,
    purge: (fence, count) => erasePayloads({ entries, chain, clock }, fence, count),
    listAuditEntries: listAuditEntries(entries, opener),
    consume(participant, detection) {
      dropped.resolve(participant.dropped);
      const queue = queues.loggingSecurity;
      const handle = participant.withQueueMarkers(queue, securityEvents({ chain, detection, log }));
      consume(context, broker, { queue, prefetch: window, handle }, async (open) => {
        chain.finish();
        await open.close();
      });
    },
  };
}
