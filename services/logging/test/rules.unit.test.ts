import { newMessageId, rowIdOf } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import {
  cursorAfter,
  readCursor,
  acceptedAtOf,
  lowestRowId,
  rowsOfMessage,
} from '../src/messages/row-id.ts';
import { createKnownRows } from '../src/messages/event-writer.ts';
import { bucketsBack, bucketsOn } from '../src/messages/time-buckets.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
const week = 7 * 86_400_000;

test('row ids sort by acceptance, and a time bound is an id bound', () => {
  const id = rowIdOf(newMessageId(noon), 0);
  expect(acceptedAtOf(id)).toBe(noon);
  expect(lowestRowId(noon) <= id).toBe(true);
  expect(lowestRowId(noon + 1) > id).toBe(true);
  expect(lowestRowId(Number.NEGATIVE_INFINITY) < id).toBe(true);
});

test('the rows of a message are between its bounds, those of others are not', () => {
  const message = newMessageId(noon);
  const { from, below } = rowsOfMessage(message);
  for (const n of [0, 9, 10, 99_999]) {
    const id = rowIdOf(message, n);
    expect(id >= from && id < below).toBe(true);
  }
  const other = rowIdOf(newMessageId(noon), 0);
  expect(other >= from && other < below).toBe(false);
});

test('a cursor is decoded to its row id, and nothing else is a cursor', () => {
  const id = rowIdOf(newMessageId(noon), 12);
  expect(readCursor(cursorAfter(id))).toBe(id);
  const message = id.slice(0, 36);
  for (const text of [
    '',
    'x',
    message,
    `${message}:`,
    `${message}:-1`,
    `${message}:1;`,
    `${id}é`,
  ]) {
    expect(readCursor(Buffer.from(text).toString('base64url'))).toBeUndefined();
  }
  // A decoder reads these as the same octets.
  for (const more of ['=', '\n', '!']) expect(readCursor(cursorAfter(id) + more)).toBeUndefined();
});

test('buckets cover a week without gap or overlap, newest first, each within a day, in few steps', () => {
  const buckets = [...bucketsBack(noon - week, noon)];
  expect(buckets[0]).toEqual({ from: noon - 10_000, below: noon });
  expect(buckets.at(-1)?.from).toBe(noon - week);
  expect(buckets.length).toBeLessThan(20);
  for (const [at, bucket] of buckets.entries()) {
    if (at > 0) expect(bucket.below).toBe(buckets[at - 1]?.from);
    expect(new Date(bucket.from).getUTCDate()).toBe(new Date(bucket.below - 1).getUTCDate());
  }
});

test('forwards they cover the same', () => {
  const buckets = [...bucketsOn(noon - week, noon)];
  expect(buckets[0]?.from).toBe(noon - week);
  expect(buckets.at(-1)?.below).toBe(noon);
  for (const [at, bucket] of buckets.entries()) {
    if (at > 0) expect(bucket.from).toBe(buckets[at - 1]?.below);
    expect(new Date(bucket.from).getUTCDate()).toBe(new Date(bucket.below - 1).getUTCDate());
  }
});

test('an empty period has no buckets', () => {
  expect([...bucketsBack(noon, noon)]).toEqual([]);
  expect([...bucketsOn(noon, noon - 1)]).toEqual([]);
});

test('the most recent known rows are remembered, up to the limit', () => {
  const known = createKnownRows(10);
  for (let n = 0; n < 100; n += 1) known.remember(`row-${String(n)}`, n);
  const remembered = Array.from({ length: 100 }, (_, n) => known.revisionOf(`row-${String(n)}`));
  expect(remembered.filter((revision) => revision !== undefined).length).toBeLessThanOrEqual(10);
  expect(known.revisionOf('row-99')).toBe(99);
  expect(known.revisionOf('row-0')).toBeUndefined();
});
