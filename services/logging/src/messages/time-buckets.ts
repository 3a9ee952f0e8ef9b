import { day, dayOf } from '@mysmtp/contracts';

export interface Bucket {
  readonly from: number;
  readonly below: number;
}

/** Width of the first bucket, in milliseconds, and by how much the next one is wider. */
export const narrowest = 10_000;
export const widening = 4;

/**
 * Cuts `[from, below)` into buckets, newest first, each within one UTC day. The buckets widen towards the
 * past. If much is logged, the first narrow ones fill a page; if little is logged, a dozen cover a week.
 * Milliseconds since the epoch.
 */
export function* bucketsBack(from: number, below: number): Generator<Bucket> {
  let width = narrowest;
  for (let end = below; end > from; width *= widening) {
    const bucket = bucketBefore(end, from, width);
    yield bucket;
    end = bucket.from;
  }
}

/** The bucket that ends at `below`: at most as wide as this, within one UTC day. */
export function bucketBefore(below: number, from: number, width: number): Bucket {
  return { from: Math.max(from, below - width, startOfDay(below - 1)), below };
}

/** The same, oldest first. */
export function* bucketsOn(from: number, below: number): Generator<Bucket> {
  let width = narrowest;
  for (let start = from; start < below; width *= widening) {
    const end = Math.min(below, start + width, startOfDay(start) + day);
    yield { from: start, below: end };
    start = end;
  }
}

/** A UTC day, `YYYY-MM-DD`. */
export function wholeDay(name: string): Bucket {
  const from = Date.parse(name);
  return { from, below: from + day };
}

export function startOfDay(at: number): number {
  return Date.parse(dayOf(at));
}
