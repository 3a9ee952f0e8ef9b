import type { DayPurpose } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import {
  dayRootId,
  endOfDayKeys,
  epochRootId,
  isTooFarAhead,
  numberOfEpoch,
  openDays,
} from '../src/keyring/days.ts';

const days = { mail: 7, events: 8 };

test('mail keys of day D are destroyed at 00:00 UTC of D+7, events keys a day later', () => {
  const end = (purpose: DayPurpose) =>
    new Date(endOfDayKeys(purpose, '2026-11-24', days)).toISOString();
  expect(end('mail')).toBe('2026-12-01T00:00:00.000Z');
  expect(end('events')).toBe('2026-12-02T00:00:00.000Z');
});

test('keys of full client addresses live for 7 days after their day, those of the chain for 6 and 12 months after their month', () => {
  const end = (purpose: DayPurpose, first: string) =>
    new Date(endOfDayKeys(purpose, first, days)).toISOString().slice(0, 10);
  expect(end('client', '2026-11-24')).toBe('2026-12-02');
  expect(end('security', '2026-12-01')).toBe('2027-07-03');
  expect(end('audit', '2026-12-01')).toBe('2028-01-02');
});

test('today and tomorrow are open, to the last millisecond and across the end of a year', () => {
  const lastMoment = Date.parse('2026-12-31T23:59:59.999Z');
  expect(openDays('mail', lastMoment)).toEqual(['2026-12-31', '2027-01-01']);
  expect(openDays('mail', lastMoment + 1)).toEqual(['2027-01-01', '2027-01-02']);
  expect(openDays('audit', lastMoment)).toEqual(['2026-12-01', '2027-01-01']);
  expect(openDays('audit', lastMoment + 1)).toEqual(['2027-01-01']);
});

test('days after tomorrow have no keys', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(isTooFarAhead('2026-11-25', now)).toBe(false);
  expect(isTooFarAhead('2026-11-26', now)).toBe(true);
});

test('the names of roots contain their kind, and epochs sort by their number', () => {
  expect(dayRootId('mail', '2026-11-24')).toBe('mail-2026-11-24');
  expect([epochRootId(2), epochRootId(10)]).toEqual(['epoch-000002', 'epoch-000010']);
  expect(numberOfEpoch(epochRootId(123))).toBe(123);
});
