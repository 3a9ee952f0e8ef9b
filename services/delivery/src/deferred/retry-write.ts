import { CodedError, isUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import { LeaseLostError } from './store.ts';

/** The process stops and the database does not answer. The write was not done. */
export class WriteAbandonedError extends CodedError {
  constructor(cause: unknown) {
    super('write_not_done', 'The database did not take the write before the process stopped', {
      cause,
    });
    this.name = 'WriteAbandonedError';
  }
}

export type RetryWrite = <T>(work: () => Promise<T>) => Promise<T>;

const delays = { first: 100, longest: 5_000 } as const;

/**
 * Repeats a write until the database confirms it, because an SMTP transaction cannot be undone and its
 * result must be stored. Also repeats while writes are suspended because the fence list may be stale. A write
 * that the database or a fence refuses is not repeated.
 */
export function createRetryWrite(stopping: AbortSignal, log: Logger): RetryWrite {
  return (work) =>
    retry(work, {
      ...delays,
      signal: stopping,
      lastAttempt: true,
      shouldRetry: (error) => !isRefusal(error),
      onRetry: (error) => log.warn('deferred.write_failed', { error }),
    }).catch((error: unknown) => {
      throw isRefusal(error) ? error : new WriteAbandonedError(error);
    });
}

/** True if the server refuses the write (no failover), or a fence or a lost lease refuses it. */
function isRefusal(error: unknown): boolean {
  if (error instanceof LeaseLostError || isUnavailable(error, 'fenced')) return true;
  if (!(error instanceof Error) || error.name !== 'MongoServerError') return false;
  const { hasErrorLabel } = error as Error & { hasErrorLabel?: (label: string) => boolean };
  return hasErrorLabel?.call(error, 'RetryableWriteError') !== true;
}
