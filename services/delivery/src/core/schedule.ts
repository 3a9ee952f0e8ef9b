export interface RetrySettings {
  /** Milliseconds before the first retry. */
  readonly retryFirst: number;
  readonly retryMax: number;
}

/** At most this share of a delay is added at random, so that what failed together does not return together. */
const jitter = 0.1;

/**
 * When a recipient that has been tried `tries` times is due again: doubling from the first delay to
 * the longest (RFC 5321 4.5.4.1 asks for at least 30 minutes on average and 4 to 5 days in all).
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

/** A moment within the minute after `at`: for mail that was put off without an attempt of its own. */
export function soonAfter(at: number, random: () => number = Math.random): number {
  return Math.round(at + 60_000 * random());
}

/** A due time that is over already: taken at the next look rather than a second later. */
export const justDue = (now: number): number => now - 1_000;
