/**
 * How long this process may trust what it has heard. A beat that came back over its own queue proves
 * that everything broadcast before the beat was sent has been heard; a frozen or cut-off process gets
 * none back, and stops by its own clock. Times are of the monotonic clock, in milliseconds.
 */
export interface Lease {
  /** The queue is new: what was broadcast before is to be asked for, and older beats prove nothing. */
  begin(): void;
  /** Everything from before the queue was there is known. */
  caughtUp(): void;
  /** Notes when a beat is sent, and gives its number. */
  send(now: number): number;
  returned(beat: number): void;
  isCurrent(now: number): boolean;
}

/** Beats older than a lease prove nothing any more. */
const remembered = 32;

/** `length`: how long a beat that came back proves something, from when it was sent. Milliseconds. */
export function createLease(length: number): Lease {
  let knowsThePast = false;
  let until = Number.NEGATIVE_INFINITY;
  let next = 0;
  const sentAt = new Map<number, number>();

  return {
    begin() {
      knowsThePast = false;
      until = Number.NEGATIVE_INFINITY;
      sentAt.clear();
    },
    caughtUp: () => void (knowsThePast = true),
    send(now) {
      next += 1;
      sentAt.set(next, now);
      sentAt.delete(next - remembered);
      return next;
    },
    returned(beat) {
      const sent = sentAt.get(beat);
      if (sent === undefined) return;
      sentAt.delete(beat);
      until = Math.max(until, sent + length);
    },
    isCurrent: (now) => knowsThePast && now < until,
  };
}
