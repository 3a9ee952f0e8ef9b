import { expect, test } from 'vitest';
import {
  dayKeyId,
  dayOf,
  Id,
  isMessageId,
  lowestMessageId,
  newMessageId,
  timeOfMessageId,
} from '../src/index.ts';

test('a message id contains the time of its creation, to the millisecond', () => {
  const at = Date.UTC(2026, 10, 24, 23, 59, 59, 999);
  const id = newMessageId(at);
  expect(isMessageId(id)).toBe(true);
  expect(timeOfMessageId(id)).toBe(at);
  expect(dayOf(timeOfMessageId(id))).toBe('2026-11-24');
});

test('ids of one millisecond differ, and later ones sort after earlier ones', () => {
  const at = Date.UTC(2026, 10, 24);
  const ids = Array.from({ length: 1000 }, () => newMessageId(at));
  expect(new Set(ids).size).toBe(ids.length);
  expect(newMessageId(at + 1) > newMessageId(at)).toBe(true);
});

test('a time bound is an id bound', () => {
  const at = Date.UTC(2026, 10, 24);
  expect(lowestMessageId(at) <= newMessageId(at)).toBe(true);
  expect(lowestMessageId(at) > newMessageId(at - 1)).toBe(true);
  expect(lowestMessageId(-1) <= newMessageId(0)).toBe(true);
});

test('day keys are named by the UTC day', () => {
  expect(dayKeyId('mail', Date.UTC(2026, 0, 2, 0, 0))).toBe('mail:2026-01-02');
});

test.each(['', 'x', '00000000-0000-4000-8000-000000000000', `${newMessageId(0)}0`])(
  '%j is not a message id',
  (text) => {
    expect(isMessageId(text)).toBe(false);
  },
);

test('an id is accepted in any case (RFC 9562 4)', () => {
  const id = newMessageId(0);
  for (const text of [id, id.toUpperCase(), id.slice(0, 9) + id.slice(9).toUpperCase()]) {
    expect(Id.parse(text)).toBe(id);
  }
  expect(Id.safeParse('').success).toBe(false);
  expect(Id.safeParse('0'.repeat(65)).success).toBe(false);
});
