import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, startPacedJob, type Clock, type Job } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import { noticeRetention, type Notices } from '../notices/notices.ts';

/** Submits notices to ingress, with the retries of all processes. */
export function submitNotices(deps: {
  readonly notices: Notices;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): Job {
  const { notices, clock, metrics } = deps;
  const gauges = retentionGauges({
    store: 'identity.notices',
    limit: noticeRetention + hour,
    clock,
    metrics,
  });
  async function run(): Promise<boolean> {
    await notices.submitDue();
    const oldest = await notices.oldest();
    gauges.update(oldest);
    return oldest !== undefined;
  }
  const job = startPacedJob('submit-notices', { busy: 2_000, idle: 10_000 }, run, deps);
  notices.onKept(job.wake);
  return job;
}
