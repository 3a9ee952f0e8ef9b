/** How fast a site takes mail, and how much of that is promised already. */
export interface Pace {
  /** The site has had another message. */
  message(now: number): void;
  /**
   * A moment at which the site should have room for a message that got no connection. Each gets a
   * moment of its own, as far apart as the site takes messages: if all came again at once, all but a
   * few would be put off again.
   */
  book(now: number): number;
}

/** As long as nothing is known. Milliseconds. */
const firstInterval = 250;
/** No message waits longer for its turn alone: the site may have become faster. */
const longestBooking = 1_800_000;
const soonest = 1_000;
/** A longer pause says that there was no mail, not that the site is slow. */
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
      // Beyond the limit they share the second half at random.
      return at < now + longestBooking
        ? Math.round(at)
        : Math.round(now + (longestBooking / 2) * (1 + Math.random()));
    },
  };
}
