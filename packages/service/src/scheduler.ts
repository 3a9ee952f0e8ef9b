import type { Logger } from '@mysmtp/log';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from './clock.ts';

export interface Job {
  /** There may be work now: the next run is at the busy pace. */
  wake(): void;
  /** Waits for a running job. */
  stop(): Promise<void>;
}

/** Periods of a job in milliseconds. `idle` is a multiple of `busy`. */
export interface Pace {
  /** While there is open work, and after a failed run. */
  readonly busy: number;
  /** While there is none. Only work that another process has made waits so long: its own wakes the job. */
  readonly idle: number;
}

interface JobDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
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
  deps: JobDeps,
): Job {
  return startPacedJob(
    name,
    { busy: period, idle: period },
    async () => {
      await run();
      return false;
    },
    deps,
  );
}

/** The same for a job that is seldom needed. `run` returns whether there is open work. */
export function startPacedJob(
  name: string,
  pace: Pace,
  run: () => Promise<boolean>,
  { clock, log, metrics }: JobDeps,
): Job {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failing = false;
  let isIdle = false;
  let isWoken = false;
  const allFailing = failingJobs(metrics);

  async function turn(): Promise<void> {
    isWoken = false;
    let isBusy = true;
    try {
      isBusy = await run();
      if (failing) allFailing.dec();
      failing = false;
    } catch (error) {
      log.error('job.failed', { job: name, error });
      if (!failing) allFailing.inc();
      failing = true;
    }
    if (!stopped) schedule(isBusy || isWoken);
  }
  const next = () => {
    isIdle = false;
    running = turn();
  };
  function schedule(isBusy: boolean): void {
    clearTimeout(timer);
    isIdle = !isBusy;
    const period = isBusy ? pace.busy : pace.idle;
    timer = setTimeout(next, period - (clock.now() % period));
  }
  let running = turn();

  return {
    wake() {
      isWoken = true;
      if (isIdle && !stopped) schedule(true);
    },
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
