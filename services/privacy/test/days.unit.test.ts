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
  const end = (purpose: 'mail' | 'events') =>
    new Date(endOfDayKeys(purpose, '2026-11-24', days)).toISOString();
  expect(end('mail')).toBe('2026-12-01T00:00:00.000Z');
  expect(end('events')).toBe('2026-12-02T00:00:00.000Z');
});

test('today and tomorrow are open, to the last millisecond and across the end of a year', () => {
  expect(openDays(Date.parse('2026-12-31T23:59:59.999Z'))).toEqual(['2026-12-31', '2027-01-01']);
  expect(openDays(Date.parse('2027-01-01T00:00:00Z'))).toEqual(['2027-01-01', '2027-01-02']);
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
