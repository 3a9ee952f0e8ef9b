import {
  day as dayLength,
  dayKeyId,
  dayOf,
  dayPurposes,
  isMonthly,
  minute,
  type DayPurpose,
  type KeyId,
} from '@mysmtp/contracts';

/**
 * After this share of its freshness a key in use is refreshed in the background, so that no caller waits.
 */
const refreshAfter = 0.75;
/** Mail accepted just before midnight is still being processed just after it. */
const midnightGrace = 5 * minute;

/**
 * True if a key may be used without another request to privacy; `freshness` in milliseconds. A clock that
 * was set back makes the age negative. That proves nothing, so the key counts as old.
 */
export function isFresh(fetchedAt: number, now: number, freshness: number): boolean {
  return now >= fetchedAt && now - fetchedAt < freshness;
}

export function isDueForRefresh(fetchedAt: number, now: number, freshness: number): boolean {
  return now - fetchedAt >= freshness * refreshAfter;
}

/**
 * The last day on which a key may be used if privacy does not answer. For the key of a day or month that
 * is the last day of its period. For a key without a day it is the last day of the keys that came with it (today's and tomorrow's).
 */
export function lastDayOf(id: KeyId, fetchedAt: number): string {
  const [purpose, day] = id.split(':');
  if (day === undefined) return dayOf(fetchedAt + dayLength);
  if (!isMonthly(purpose as DayPurpose)) return day;
  const [year, month] = day.split('-').map(Number);
  // Day 0 is the last day of the month before.
  return dayOf(Date.UTC(year ?? 0, month ?? 0, 0));
}

export function isUsableStale(lastDay: string, now: number): boolean {
  return dayOf(now - midnightGrace) <= lastDay;
}

/** True for the keys that privacy sends without a request by id. */
export function comesUnasked(id: KeyId, now: number): boolean {
  if (!id.includes(':')) return true;
  return dayPurposes.some((purpose) =>
    [now, now + dayLength].some((at) => id === dayKeyId(purpose, at)),
  );
}
