import { day, dayOf } from '@mysmtp/contracts';

export interface Bucket {
  readonly from: number;
  readonly below: number;
}

const narrowest = 10_000;

/**
 * Cuts `[from, below)` into buckets, newest first, each within one UTC day. The buckets widen towards the
 * past. If much is logged, the first narrow ones fill a page; if little is logged, a dozen cover a week.
 * Milliseconds since the epoch.
 */
export function* bucketsBack(from: number, below: number): Generator<Bucket> {
  let width = narrowest;
  for (let end = below; end > from; width *= 4) {
    const start = Math.max(from, end - width, startOfDay(end - 1));
    yield { from: start, below: end };
    end = start;
  }
}

/** The same, oldest first. */
export function* bucketsOn(from: number, below: number): Generator<Bucket> {
  let width = narrowest;
  for (let start = from; start < below; width *= 4) {
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
