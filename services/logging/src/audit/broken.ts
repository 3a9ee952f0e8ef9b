import type { Finding } from '@mysmtp/audit';
import type { Logger } from '@mysmtp/log';
import type { SecurityLog } from '@mysmtp/security-log';
import { Gauge, type Registry } from 'prom-client';

/** Log lines of one check. */
const shown = 20;

/** Reports what a check of the chain has found: to detection, in the log and in the metric of the alert. */
export function openBrokenReports(deps: {
  readonly securityLog: Pick<SecurityLog, 'note'>;
  readonly log: Logger;
  readonly metrics: Registry;
}): (findings: readonly Finding[]) => void {
  const { securityLog, log, metrics } = deps;
  const broken = new Gauge({
    name: 'mysmtp_audit_chain_broken',
    help: '1 if a check has found the audit chain changed, until this process restarts.',
    registers: [metrics],
  });
  broken.set(0);
  return (findings) => {
    const [first] = findings;
    if (first === undefined) return;
    broken.set(1);
    securityLog.note({
      type: 'chain_broken',
      tenant: null,
      actor: { kind: 'service', id: 'logging' },
      outcome: 'failed',
      reason: first.fault,
    });
    for (const { fault, seq } of findings.slice(0, shown)) {
      log.error('audit.chain_broken', { reason: fault, count: seq });
    }
  };
}
