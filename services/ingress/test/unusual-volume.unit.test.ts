import { day } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { dayIndexOf, isUnusualVolume } from '../src/quotas/unusual-volume.ts';

const today = Date.UTC(2026, 10, 30);
/** The busiest hours of the days before today, yesterday first. */
const days = (...recipients: number[]) =>
  recipients.map((count, at) => ({ start: today - (at + 1) * day, recipients: count }));

test('more than five times the busiest hour of seven days is unusual', () => {
  expect(isUnusualVolume(501, days(10, 100, 20), today)).toBe(true);
  expect(isUnusualVolume(500, days(10, 100, 20), today)).toBe(false);
});

test('a newsletter once a week is usual, and one that was longer ago is not', () => {
  expect(isUnusualVolume(2_000, days(5, 5, 5, 5, 5, 5, 1_000), today)).toBe(false);
  expect(isUnusualVolume(2_000, days(5, 5, 5, 5, 5, 5, 5, 1_000), today)).toBe(true);
});

test('the current day does not take the place of one that counts', () => {
  const places = Array.from({ length: 8 }, (_, before) => dayIndexOf(today - before * day));
  expect(new Set(places).size).toBe(8);
});

test('few recipients are never unusual, nor is a new credential', () => {
  expect(isUnusualVolume(99, days(1, 1, 1), today)).toBe(false);
  expect(isUnusualVolume(10_000, days(1, 1), today)).toBe(false);
  expect(isUnusualVolume(10_000, [], today)).toBe(false);
});

test('what was counted today is not its own baseline', () => {
  const counted = [{ start: today, recipients: 600 }, ...days(10, 10, 10)];
  expect(isUnusualVolume(600, counted, today)).toBe(true);
});
