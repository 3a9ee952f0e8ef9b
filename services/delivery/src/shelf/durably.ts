import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { ClaimLost } from './store.ts';

/** The process is stopping and the database does not answer: what was to be written is not. */
export class NotWritten extends Error {
  constructor(cause: unknown) {
    super('The database did not take the write before the process stopped', { cause });
    this.name = 'NotWritten';
  }
}

export type Durably = <T>(work: () => Promise<T>) => Promise<T>;

const firstPause = 100;
const longestPause = 5_000;

/**
 * Repeats a write until the database has taken it: what happened on the wire cannot be undone, so it
 * has to be written down. So it is until this process knows all fences. An answer that refuses the
 * write itself is not repeated, nor what a fence refuses.
 */
export function durableWrites(stopping: AbortSignal, log: Logger): Durably {
  return async (work) => {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await work();
      } catch (error) {
        const refused = error instanceof ClaimLost || isUnavailable(error, 'fenced');
        if (refused || isRefusal(error)) throw error;
        if (stopping.aborted) throw new NotWritten(error);
        log.warn('shelf.write_failed', { error });
        await sleep(pause, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  };
}

/** The server answered, and not that another one is to be asked. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== 'MongoServerError') return false;
  const { hasErrorLabel } = error as Error & { hasErrorLabel?: (label: string) => boolean };
  return hasErrorLabel?.call(error, 'RetryableWriteError') !== true;
}
