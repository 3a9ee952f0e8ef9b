import type { Logger } from '@mysmtp/log';
import type { Clock } from './clock.ts';

export interface Job {
  /** Lets a run that is under way finish. */
  stop(): Promise<void>;
}

/**
 * Runs now, and then at every full `period` of the clock (with a minute: at 00:00:00, not somewhere
 * in the minute after it), never twice at once. A run that fails is logged; the next one tries again.
 */
export function startJob(
  name: string,
  period: number,
  run: () => Promise<void>,
  { clock, log }: { clock: Clock; log: Logger },
): Job {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function turn(): Promise<void> {
    try {
      await run();
    } catch (error) {
      log.error('job.failed', { job: name, error });
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
