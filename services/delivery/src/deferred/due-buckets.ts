import type { Clock } from '@mysmtp/service';
import { dueRanges, timeOfBucket } from './buckets.ts';
import type { DeferredStore } from './store.ts';

/** Returns the buckets to lease next. */
export interface DueBuckets {
  next(): Promise<number | undefined>;
  /** This bucket has more messages than were leased. */
  again(bucket: number): void;
}

/** Scanned again, because the clocks of other processes may be behind and so the times of their documents. */
const overlap = 120_000;

/** How often the oldest due bucket is searched without a lower bound. */
const lookBackEvery = 60_000;

/**
 * Finds the buckets that became due since the last scan and returns them one by one. One query serves many
 * leases. It has both bounds, so a million messages that are not due cost nothing. At the start, and once a
 * minute, the scan begins at the oldest due bucket. Delivery may have been stopped for weeks, and documents
 * that were written late or could not be leased are older than the last scan.
 */
export function createDueBuckets(
  deferred: Pick<DeferredStore, 'dueBuckets' | 'firstDueBucket'>,
  clock: Clock,
): DueBuckets {
  let found: number[] = [];
  let scanned = clock.now();
  let lookedBackAt = Number.NEGATIVE_INFINITY;

  async function scan(): Promise<void> {
    const now = clock.now();
    const looksBack = now - lookedBackAt >= lookBackEvery;
    const oldest = looksBack ? await deferred.firstDueBucket(now) : undefined;
    const after = Math.min(scanned - overlap, oldest === undefined ? now : timeOfBucket(oldest));
    for (const range of dueRanges(after, now)) {
      for (const bucket of await deferred.dueBuckets(range)) found.push(bucket);
    }
    scanned = now;
    if (looksBack) lookedBackAt = now;
    // In random order, so that two processes seldom lease from the same bucket.
    found = found
      .map((bucket) => ({ bucket, position: Math.random() }))
      .sort((a, b) => a.position - b.position)
      .map(({ bucket }) => bucket);
  }

  let scannedAt = Number.NEGATIVE_INFINITY;
  return {
    async next() {
      // A new bucket becomes due once a second at most.
      if (found.length === 0 && clock.now() - scannedAt >= 1_000) {
        scannedAt = clock.now();
        await scan();
      }
      return found.pop();
    },
    again: (bucket) => void found.push(bucket),
  };
}
