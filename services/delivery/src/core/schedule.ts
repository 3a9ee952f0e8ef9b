export interface RetrySettings {
  /** Milliseconds before the first retry. */
  readonly retryFirst: number;
  readonly retryMax: number;
}

/** Largest random share of a delay. It spreads the retries of messages that failed together. */
const jitter = 0.1;

/**
 * When a recipient that has been tried `tries` times is due again. The delay doubles from the first to the
 * longest (RFC 5321 4.5.4.1 recommends at least 30 minutes on average and 4 to 5 days in all).
 */
export function nextAttemptAt(
  now: number,
  tries: number,
  { retryFirst, retryMax }: RetrySettings,
  random: () => number = Math.random,
): number {
  const delay = Math.min(retryFirst * 2 ** Math.max(0, tries - 1), retryMax);
  return Math.round(now + delay * (1 + jitter * random()));
}

/** A moment within the minute after `at`: for mail that was postponed without an attempt. */
export function soonAfter(at: number, random: () => number = Math.random): number {
  return Math.round(at + 60_000 * random());
}

/**
 * A moment within the ten minutes after `at`: for mail of a tenant that is suspended or restricted. When that
 * is lifted, its mail is made due.
 */
export const muchLater = (at: number, random: () => number = Math.random): number =>
  Math.round(at + 600_000 * random());

/** A due time in the past, so that the next scan takes the message, not the one a second later. */
export const pastDue = (now: number): number => now - 1_000;
