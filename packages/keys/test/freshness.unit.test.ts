import { expect, test } from 'vitest';
import {
  comesUnasked,
  isDueForRefresh,
  isFresh,
  isUsableStale,
  lastDayOf,
} from '../src/freshness.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-24T12:00:00Z');

test('a key is fresh for less than its freshness, and not after the clock was set back', () => {
  expect(isFresh(noon, noon, minute)).toBe(true);
  expect(isFresh(noon, noon + 59_999, minute)).toBe(true);
  expect(isFresh(noon, noon + 60_000, minute)).toBe(false);
  expect(isFresh(noon, noon - 1, minute)).toBe(false);
  expect(isFresh(Number.NEGATIVE_INFINITY, noon, minute)).toBe(false);
});

test('a key is refreshed before it is old', () => {
  expect(isDueForRefresh(noon, noon + 44_999, minute)).toBe(false);
  expect(isDueForRefresh(noon, noon + 45_000, minute)).toBe(true);
});

test('stale use ends with the day of the key; a key without a day ends with the keys that came with it', () => {
  const lastMoment = Date.parse('2026-11-24T23:59:59.999Z');
  const underWay = Date.parse('2026-11-25T00:04:59Z');
  const over = Date.parse('2026-11-25T00:05:01Z');
  const today = lastDayOf('mail:2026-11-24', noon);
  const tomorrow = lastDayOf('events:2026-11-25', noon);
  const yesterday = lastDayOf('mail:2026-11-23', noon);
  const account = lastDayOf('account', noon);
  expect(isUsableStale(yesterday, noon)).toBe(false);
  expect([lastMoment, underWay, over].map((now) => isUsableStale(today, now))).toEqual([
    true,
    true,
    false,
  ]);
  for (const held of [tomorrow, account]) {
    expect(isUsableStale(held, over)).toBe(true);
    expect(isUsableStale(held, over + 86_400_000)).toBe(false);
  }
});

test("today's and tomorrow's keys come without a request by id, others do not", () => {
  for (const id of ['account', 'index', 'mail:2026-11-24', 'events:2026-11-25']) {
    expect([id, comesUnasked(id, noon)]).toEqual([id, true]);
  }
  for (const id of ['mail:2026-11-23', 'events:2026-11-26']) {
    expect([id, comesUnasked(id, noon)]).toEqual([id, false]);
  }
});
