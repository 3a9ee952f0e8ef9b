import type { Logger } from '@mysmtp/log';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from './clock.ts';

export interface Job {
  /** Waits for a running job. */
  stop(): Promise<void>;
}

/**
 * Runs now, and then at every full `period` of the clock (with a minute: at 00:00:00, not later in the
 * minute), never twice at once. A failed run is logged, and counted in `mysmtp_failing_jobs` until one
 * succeeds. The next run is the retry.
 */
export function startJob(
  name: string,
  period: number,
  run: () => Promise<void>,
  { clock, log, metrics }: { clock: Clock; log: Logger; metrics: Registry },
): Job {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failing = false;
  const allFailing = failingJobs(metrics);

  async function turn(): Promise<void> {
    try {
      await run();
      if (failing) allFailing.dec();
      failing = false;
    } catch (error) {
      log.error('job.failed', { job: name, error });
      if (!failing) allFailing.inc();
      failing = true;
    }
    if (!stopped) timer = setTimeout(next, period - (clock.now() % period));
  }
  const next = () => {
    running = turn();
  };
  let running = turn();

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}

/** One gauge for all jobs of a process. The log names the job. */
function failingJobs(metrics: Registry): Gauge {
  const name = 'mysmtp_failing_jobs';
  const known = metrics.getSingleMetric(name) as Gauge | undefined;
  const help = 'Jobs of this process whose last run failed.';
  return known ?? new Gauge({ name, help, registers: [metrics] });
}
