import { delayAfter, pause, type Delays } from './backoff.ts';

export interface RetryOptions extends Delays {
  /** No attempt begins after it is aborted, and a pause under way ends. */
  readonly signal: AbortSignal;
  /** For work that is lost if it is not done: if the signal ends a pause, one more attempt follows. */
  readonly lastAttempt?: boolean;
  /** Whether another attempt can help. The default is yes. */
  readonly shouldRetry?: (error: unknown) => boolean;
  /** Called for each failure that is followed by a pause. */
  readonly onRetry?: (error: unknown) => void;
}

/**
 * Repeats this until it succeeds. Rejects with the error of the last attempt if another attempt cannot help
 * or the signal is aborted. The first attempt is always made. The result of an attempt counts even if the
 * signal was aborted meanwhile.
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, lastAttempt = false, shouldRetry, onRetry } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || shouldRetry?.(error) === false) throw error;
      onRetry?.(error);
      await pause(delayAfter(failures, options), signal);
      if (signal.aborted && !lastAttempt) throw error;
    }
  }
}
