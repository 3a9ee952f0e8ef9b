/** How fast a site accepts mail, and how much of this capacity is reserved already. */
export interface Pace {
  /** Records another message to the site. */
  message(now: number): void;
  /**
   * A moment at which the site should have room for a message that got no connection. The moments are as far
   * apart as the site accepts messages. If all messages were due at once, most would be postponed again.
   */
  book(now: number): number;
}

/** Used before the first measurement. Milliseconds. */
const firstInterval = 250;
/** Longest wait for a reserved moment, because the site may have become faster. Milliseconds. */
const longestBooking = 1_800_000;
const soonest = 1_000;
/** A longer pause means that there was no mail, not that the site is slow. */
const longestInterval = 10_000;
/** Weight of the newest interval. */
const weight = 0.1;

export function createPace(): Pace {
  let interval = firstInterval;
  let lastAt: number | undefined;
  let bookedUntil = 0;

  return {
    message(now) {
      if (lastAt !== undefined) {
        interval += weight * (Math.min(now - lastAt, longestInterval) - interval);
      }
      lastAt = now;
    },
    book(now) {
      const at = Math.max(bookedUntil, now + soonest) + interval;
      bookedUntil = Math.min(at, now + longestBooking);
      // Beyond the limit: a random moment in the second half.
      return at < now + longestBooking
        ? Math.round(at)
        : Math.round(now + (longestBooking / 2) * (1 + Math.random()));
    },
  };
}
