import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@mysmtp/log';

export interface Job {
  /** Lets the run under way finish. */
  close(): Promise<void>;
}

/** Runs a task now and again `every` milliseconds after its end; one that fails is tried at the next turn. */
export function startJob(options: {
  readonly name: string;
  readonly every: number;
  readonly log: Logger;
  readonly run: () => Promise<void>;
}): Job {
  const { name, every, log, run } = options;
  const closing = new AbortController();

  async function turn(): Promise<void> {
    while (!closing.signal.aborted) {
      await run().catch((error: unknown) => log.warn('job.failed', { job: name, error }));
      await sleep(every, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const running = turn();
  return {
    close() {
      closing.abort();
      return running;
    },
  };
}
