/**
 * How long this process may trust its list of fences. A heartbeat that came back over the process's own
 * queue proves that everything broadcast before it has arrived. A frozen or disconnected process gets no
 * heartbeat back, and stops by its own clock. Times are of the monotonic clock, in milliseconds.
 */
export interface Lease {
  /** The queue is new: earlier broadcasts must be requested, and earlier heartbeats prove nothing. */
  begin(): void;
  /** Everything that was broadcast before the queue existed has been received. */
  markSynced(): void;
  /** Records the sending of a heartbeat and returns its number. */
  send(now: number): number;
  returned(sequence: number): void;
  isCurrent(now: number): boolean;
}

/** Heartbeats older than a lease prove nothing any more. */
const remembered = 32;

/** `length`: how long a returned heartbeat is valid, from its sending. Milliseconds. */
export function createLease(length: number): Lease {
  let isSynced = false;
  let until = Number.NEGATIVE_INFINITY;
  let next = 0;
  const sentAt = new Map<number, number>();

  return {
    begin() {
      isSynced = false;
      until = Number.NEGATIVE_INFINITY;
      sentAt.clear();
    },
    markSynced: () => void (isSynced = true),
    send(now) {
      next += 1;
      sentAt.set(next, now);
      sentAt.delete(next - remembered);
      return next;
    },
    returned(sequence) {
      const sent = sentAt.get(sequence);
      if (sent === undefined) return;
      sentAt.delete(sequence);
      until = Math.max(until, sent + length);
    },
    isCurrent: (now) => isSynced && now < until,
  };
}
