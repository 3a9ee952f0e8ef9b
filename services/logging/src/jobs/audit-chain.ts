import { beforeFirst, digestOf, type Finding, type Position } from '@mysmtp/audit';
import { internalApis, minute, TenantUnavailable, type AuditHead } from '@mysmtp/contracts';
import { CallError, type ServiceClient } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { Tenants } from '@mysmtp/tenancy';
import { checkChain } from '../audit/check.ts';
import type { EntryOpener } from '../audit/open-entries.ts';
import { endOfChain, entryOf, type AuditEntries } from '../audit/store.ts';

const headPeriod = 5 * minute;
/** How often it is attempted until it succeeds. */
export const headAttempts = minute / 2;

/**
 * Every five minutes: checks what was chained since the last time, signs the end of the chain and gives it
 * to privacy. A process begins at the newest head that privacy has.
 */
export function signHeads(deps: {
  readonly entries: AuditEntries;
  readonly tenants: Tenants;
  readonly opener: EntryOpener;
  readonly privacy: ServiceClient;
  readonly signed: Signed;
  readonly report: (findings: readonly Finding[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}): () => Promise<void> {
  const { entries, privacy, signed, report, clock, log } = deps;
  let checked: Position | undefined;
  let nextAt = 0;

  /** Whether the entry that the kept head names is still there. */
  async function checkKept({ seq, digest }: AuditHead): Promise<void> {
    const entry = await entries.findOne({ _id: seq });
    if (entry === null) report([{ fault: 'tail', seq }]);
    else if (digestOf(entryOf(entry)) !== digest) report([{ fault: 'head', seq }]);
  }

  /** False if there is no entry yet. */
  async function sign(): Promise<boolean> {
    const { head: kept } = await privacy.call(internalApis.keepAuditHead, {});
    if (kept !== null) await checkKept(kept);
    const { findings, end } = await checkChain(deps, checked ?? kept ?? beforeFirst);
    report(findings);
    checked = end;
    const last = await endOfChain(entries);
    if (last.seq === 0) return false;
    const jws = await signed.sign('auditHead', { v: 1, ...last });
    const { result } = await privacy.call(internalApis.keepAuditHead, {
      jws: jws.toString('latin1'),
    });
    log.info('audit.head', { count: last.seq, status: result, digest: last.digest });
    return true;
  }

  return async () => {
    if (clock.now() < nextAt) return;
    try {
      if (await sign()) nextAt = clock.now() + headPeriod;
    } catch (error) {
      // Privacy shows the age of the newest head.
      if (!(error instanceof CallError || error instanceof TenantUnavailable)) throw error;
      log.warn('audit.head_not_kept', { error });
    }
  };
}
