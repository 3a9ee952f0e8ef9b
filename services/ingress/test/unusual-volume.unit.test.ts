import { day } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { dayIndexOf, isUnusualVolume, type BusiestHour } from '../src/quotas/unusual-volume.ts';

const today = Date.UTC(2026, 10, 30);
/** The busiest hours of the days before today, yesterday first. */
const days = (...recipients: number[]) =>
  recipients.map((count, at) => ({ start: today - (at + 1) * day, recipients: count }));
/** Of a credential that has been in use for a week. */
const known = (busiest: BusiestHour[]) => ({ since: today - 7 * day, busiest });

test('more than five times the busiest hour of seven days is unusual', () => {
  expect(isUnusualVolume(501, known(days(10, 100, 20)), today)).toBe(true);
  expect(isUnusualVolume(500, known(days(10, 100, 20)), today)).toBe(false);
});

test('a newsletter once a week is usual, and one that was longer ago is not', () => {
  expect(isUnusualVolume(2_000, known(days(5, 5, 5, 5, 5, 5, 1_000)), today)).toBe(false);
  expect(isUnusualVolume(2_000, known(days(5, 5, 5, 5, 5, 5, 5, 1_000)), today)).toBe(true);
});

test('the current day does not take the place of one that counts', () => {
  const places = Array.from({ length: 8 }, (_, before) => dayIndexOf(today - before * day));
  expect(new Set(places).size).toBe(8);
});

test('few recipients are never unusual, nor is the first newsletter in the first week of a credential', () => {
  expect(isUnusualVolume(99, known(days(1, 1, 1)), today)).toBe(false);
  const busiest = days(1, 1, 1, 1, 1, 1);
  expect(isUnusualVolume(10_000, { since: today - 6 * day, busiest }, today)).toBe(false);
  expect(isUnusualVolume(10_000, { since: today - 7 * day, busiest }, today)).toBe(true);
  expect(isUnusualVolume(10_000, known([]), today)).toBe(false);
});

test('what was counted today is not its own baseline', () => {
  const counted = [{ start: today, recipients: 600 }, ...days(10, 10, 10)];
  expect(isUnusualVolume(600, known(counted), today)).toBe(true);
});
