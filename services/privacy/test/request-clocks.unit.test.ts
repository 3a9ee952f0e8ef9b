import { day } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { canonicalAddress } from '../src/requests/address.ts';
import { dueDate, extendedDate, openTime } from '../src/requests/clocks.ts';
import { stateOfParts } from '../src/requests/states.ts';

test.each([
  ['2026-11-30T12:00:00.000Z', '2026-12-30T12:00:00.000Z', '2027-02-28T12:00:00.000Z'],
  ['2027-01-31T23:59:59.999Z', '2027-02-28T23:59:59.999Z', '2027-04-30T23:59:59.999Z'],
  ['2028-01-31T00:00:00.000Z', '2028-02-29T00:00:00.000Z', '2028-04-30T00:00:00.000Z'],
  ['2026-12-15T06:30:00.000Z', '2027-01-15T06:30:00.000Z', '2027-03-15T06:30:00.000Z'],
])('received %s: due %s, with an extension %s (GDPR Art. 12(3))', (received, due, extended) => {
  const at = new Date(received);
  expect([dueDate(at), extendedDate(at)]).toEqual([new Date(due), new Date(extended)]);
});

test('an extension stops the clock of alerts for as long as it extends the period', () => {
  const receivedAt = new Date('2026-11-30T12:00:00Z');
  const now = receivedAt.getTime() + 70 * day;
  expect(openTime({ receivedAt, dueAt: dueDate(receivedAt) }, now)).toBe(70 * day);
  expect(openTime({ receivedAt, dueAt: extendedDate(receivedAt) }, now)).toBe(10 * day);
});

test.each([
  ['Jane.Doe@Example.NET', 'Jane.Doe@example.net'],
  ['jane@bücher.example', 'jane@xn--bcher-kva.example'],
  ['jane@', undefined],
  ['jane@example..net', undefined],
])('the address %s is %s in commitments', (given, canonical) => {
  expect(canonicalAddress(given)).toBe(canonical);
});

test('the state of a request to all tenants', () => {
  expect(stateOfParts('erasure', [])).toBe('completed_live');
  expect(stateOfParts('access', ['completed', 'refused'])).toBe('completed');
  expect(stateOfParts('access', ['refused', 'refused'])).toBe('refused');
  expect(stateOfParts('erasure', ['completed_live', 'held'])).toBe('held');
  expect(stateOfParts('erasure', ['held', 'waiting_for_tenant'])).toBe('in_progress');
  expect(stateOfParts('erasure', ['in_progress', 'failed'])).toBe('partial');
});
