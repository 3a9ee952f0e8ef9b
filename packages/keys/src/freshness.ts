import { day as dayLength, dayOf, minute, type KeyId } from '@mysmtp/contracts';

/** From this share of its freshness on a key in use is fetched again in the background: its users never wait. */
const refreshAfter = 0.75;
/** Mail accepted just before midnight is still under way just after it. */
const midnightGrace = 5 * minute;

/**
 * True if a key may be used without asking again; `freshness` in milliseconds. A clock that was put
 * back makes an age negative: that proves nothing, so it counts as old.
 */
export function isFresh(fetchedAt: number, now: number, freshness: number): boolean {
  return now >= fetchedAt && now - fetchedAt < freshness;
}

export function isDueForRefresh(fetchedAt: number, now: number, freshness: number): boolean {
  return now - fetchedAt >= freshness * refreshAfter;
}

/**
 * The last day on which a key may be used although privacy does not answer: a day's key on its own
 * day, a key without a day as long as the day keys that came with it (today's and tomorrow's).
 */
export function lastDayOf(id: KeyId, fetchedAt: number): string {
  const day = id.split(':')[1];
  return day ?? dayOf(fetchedAt + dayLength);
}

export function isUsableStale(lastDay: string, now: number): boolean {
  return dayOf(now - midnightGrace) <= lastDay;
}

/** True for the keys that privacy hands out without being asked for them by id. */
export function comesUnasked(id: KeyId, now: number): boolean {
  const day = id.split(':')[1];
  return day === undefined || day === dayOf(now) || day === dayOf(now + dayLength);
}
