import type { loggingApi } from '@mysmtp/api';
import { internalApis } from '@mysmtp/contracts';
import type { Purge } from '@mysmtp/erasure';
import type { Handler } from '@mysmtp/http';
import type { SecurityLog } from '@mysmtp/security-log';
import { startJob, startPacedJob, type Pace, type ServiceContext } from '@mysmtp/service';
import type { ConnectedService } from '@mysmtp/tenancy';
import { listFindings } from './api/list-findings.ts';
import { createEntryOpener } from './audit/open-entries.ts';
import type { AuditEntries } from './audit/store.ts';
import type { LoggingConfig } from './config.ts';
import { createDetection, type Detection } from './detection/detection.ts';
import { openFindings } from './detection/findings.ts';
import { createPastEvents } from './detection/past-events.ts';
import { createFindingRetention, findingRetentionPeriod } from './jobs/finding-retention.ts';

/** Milliseconds until the mail about a new finding is requested. */
const tellPace: Pace = { busy: 2_000, idle: 10_000 };

/** What detection provides to the rest of the service. */
export interface OpenedDetection extends Pick<Detection, 'see'> {
  readonly purge: Purge<'tenant'>;
  readonly listFindings: Handler<typeof loggingApi.listFindings>;
}

export async function openDetection(
  context: ServiceContext<LoggingConfig>,
  { database, tenants, client }: ConnectedService,
  { entries, securityLog }: { readonly entries: AuditEntries; readonly securityLog: SecurityLog },
): Promise<OpenedDetection> {
  const { config } = context;
  const findings = await openFindings(database);
  const identity = client('identity', config.identityUrl);
  const { see, tell } = createDetection({
    ...context,
    findings,
    pastEvents: createPastEvents(entries, createEntryOpener(tenants)),
    tenants,
    securityLog,
    notice: (finding) => identity.call(internalApis.noticeFinding, finding),
    found: () => telling.wake(),
  });
  const removeOld = createFindingRetention({ ...context, findings });
  const telling = startPacedJob('tell-findings', tellPace, tell, context);
  for (const job of [
    telling,
    startJob('remove-findings', findingRetentionPeriod, removeOld, context),
  ]) {
    context.manage(job, (started) => started.stop());
  }
  return {
    see,
    purge: async ({ tenant }, count) => count((await findings.deleteMany({ tenant })).deletedCount),
    listFindings: listFindings(findings),
  };
}
