import { minute } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Stores } from '../stores.ts';

/** The periodic work for domains: checks that are due, domains without a schedule, and gauges. */
export function startDomainJobs(
  { domainVerification, domainChecks }: Pick<Stores, 'domainVerification' | 'domainChecks'>,
  deps: { readonly clock: Clock; readonly log: Logger; readonly metrics: Registry },
): Job[] {
  const { clock, metrics } = deps;
  const registers = [metrics];
  const all = new Gauge({
    name: 'mysmtp_domains',
    help: 'Sender domains, by state.',
    labelNames: ['state'],
    registers,
  });
  const broken = new Gauge({
    name: 'mysmtp_domain_records_broken',
    help: 'Domains that had a record and have it no more, by kind of record.',
    labelNames: ['record'],
    registers,
  });
  const overdue = new Gauge({
    name: 'mysmtp_domain_checks_overdue_seconds',
    help: 'For how long the oldest check of a domain is due; 0 if none is.',
    registers,
  });

  async function measure(): Promise<void> {
    const [counts, checks] = await Promise.all([
      domainVerification.count(),
      domainChecks.measure(),
    ]);
    for (const [state, count] of Object.entries(counts)) all.set({ state }, count);
    for (const [record, count] of Object.entries(checks.broken)) broken.set({ record }, count);
    overdue.set(checks.oldestDue === undefined ? 0 : (clock.now() - checks.oldestDue) / 1_000);
  }

  return [
    startJob('check-domains', 10_000, () => domainChecks.checkDue(), deps),
    startJob('plan-domain-checks', 10 * minute, () => domainVerification.planMissingChecks(), deps),
    startJob('measure-domains', minute, measure, deps),
  ];
}
