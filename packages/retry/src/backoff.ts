import { setTimeout as sleep } from 'node:timers/promises';

/** The pauses between attempts, in milliseconds: the first, and the maximum up to which they double. */
export interface Delays {
  readonly first: number;
  readonly longest: number;
}

/** The pauses of work that is retried as long as the process runs. */
export interface Backoff {
  /** Waits twice as long as the last time; resolves at once if the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** The next pause is the first one again. */
  reset(): void;
}

export function createBackoff(delays: Delays): Backoff {
  let failures = 0;
  return {
    reset: () => void (failures = 0),
    wait(signal) {
      failures += 1;
      return pause(delayAfter(failures, delays), signal);
    },
  };
}

/** Waits so many milliseconds, or until the signal is aborted. Never rejects. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/**
 * The pause after this many failures, between half of it and all of it. The jitter prevents that all clients
 * of a server reconnect at the same moment.
 */
export function delayAfter(
  failures: number,
  { first, longest }: Delays,
  random = Math.random,
): number {
  const whole = Math.min(longest, first * 2 ** (failures - 1));
  return whole * (0.5 + 0.5 * random());
}
