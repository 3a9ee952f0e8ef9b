import { CodedError, isUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import { ClaimLost } from './store.ts';

/** The process is stopping and the database does not answer: what was to be written is not. */
export class NotWritten extends CodedError {
  constructor(cause: unknown) {
    super('write_not_done', 'The database did not take the write before the process stopped', {
      cause,
    });
    this.name = 'NotWritten';
  }
}

export type Durably = <T>(work: () => Promise<T>) => Promise<T>;

const delays = { first: 100, longest: 5_000 } as const;

/**
 * Repeats a write until the database has taken it: what happened on the wire cannot be undone, so it
 * has to be written down. So it is until this process knows all fences. An answer that refuses the
 * write itself is not repeated, nor what a fence refuses.
 */
export function durableWrites(stopping: AbortSignal, log: Logger): Durably {
  return (work) =>
    retry(work, {
      ...delays,
      signal: stopping,
      lastAttempt: true,
      shouldRetry: (error) => !isRefusal(error),
      onRetry: (error) => log.warn('shelf.write_failed', { error }),
    }).catch((error: unknown) => {
      throw isRefusal(error) ? error : new NotWritten(error);
    });
}

/** The server answered, and not that another one is to be asked; or a fence or another claim refuses it. */
function isRefusal(error: unknown): boolean {
  if (error instanceof ClaimLost || isUnavailable(error, 'fenced')) return true;
  if (!(error instanceof Error) || error.name !== 'MongoServerError') return false;
  const { hasErrorLabel } = error as Error & { hasErrorLabel?: (label: string) => boolean };
  return hasErrorLabel?.call(error, 'RetryableWriteError') !== true;
}
