import { day } from '@mysmtp/contracts';
import { emptySketch, addSketch, estimate, type Sketch } from './sketch.ts';

/** The recipients of a credential on one UTC day. */
export interface RecipientDay {
  readonly credential: string;
  readonly tenant: string;
  /** When the day began. Milliseconds since the epoch. */
  readonly start: number;
  /** When the first of the days began that are known, without a gap of a week after it. */
  readonly since: number;
  /** How many recipients were first-time recipients on this day. */
  readonly first: number;
  readonly sketch: Sketch;
}

/** What is known of the days before the current one. */
export interface RecipientHistory {
  readonly since: number;
  /** All recipients of these days. */
  readonly sketch: Sketch;
  /** How many these are. */
  readonly known: number;
  /** First-time recipients of the day with most of them. */
  readonly most: number;
}

/** How many days count, before the current one. */
export const historyDays = 7;
/** So many times the first-time recipients of the other days are unusual, */
const factor = 5;
/** if they are at least so many, */
const few = 100;
/** and more than this share of the recipients who are known: less is within the error of the sketch. */
const sketchError = 0.05;

export function historyOf(days: readonly RecipientDay[], today: number): RecipientHistory {
  const sketch = emptySketch();
  let since = today;
  let most = 0;
  for (const one of days) {
    if (one.start >= today || one.start < today - historyDays * day) continue;
    addSketch(sketch, one.sketch);
    since = Math.min(since, one.since);
    most = Math.max(most, one.first);
  }
  return { since, sketch, known: estimate(sketch), most };
}

/** How many recipients of the current day had no mail on the days before. */
export function firstTimeRecipients({ sketch, known }: RecipientHistory, today: Sketch): number {
  const all = sketch.slice();
  addSketch(all, today);
  return estimate(all) - known;
}

/**
 * Whether so many first-time recipients are unusual. Without a whole week before, nothing is: a newsletter of
 * last week may be missing.
 */
export function isUnusual(
  first: number,
  { since, known, most }: RecipientHistory,
  today: number,
): boolean {
  if (since > today - historyDays * day) return false;
  return first >= few && first > factor * most && first > sketchError * known;
}
