import { hour } from '@mysmtp/contracts';
/** Buckets per second of due time. In a busy deferred queue a bucket has about a hundred messages. */
export const bucketsPerSecond = 16;

/**
 * The bucket of a moment. The meaning of its time depends on the state of the document: a `ready` one is
 * due then, a `held` one expires, a `finished` one is removed. One index serves all of them.
 */
export function bucketOf(at: number, random: () => number = Math.random): number {
  return firstBucketOf(at) + Math.floor(random() * bucketsPerSecond);
}

/** The lowest bucket of the second of `at`. */
export function firstBucketOf(at: number): number {
  return Math.floor(at / 1_000) * bucketsPerSecond;
}

/** The second that a bucket belongs to. */
export function timeOfBucket(bucket: number): number {
  return Math.floor(bucket / bucketsPerSecond) * 1_000;
}

export interface BucketRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Buckets that became due between two moments, in ranges of a few hours. Every query has both bounds. */
export function* dueRanges(after: number, now: number, step = 6 * hour): Generator<BucketRange> {
  // The second of `now` is not over and its buckets may still fill. They are scanned a second later.
  const end = firstBucketOf(now);
  for (let from = firstBucketOf(after); from < end;) {
    const to = Math.min(from + (step / 1_000) * bucketsPerSecond, end);
    yield { from, to };
    from = to;
  }
}
