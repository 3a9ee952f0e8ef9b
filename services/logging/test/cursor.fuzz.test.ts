import { loggingApi } from '@mysmtp/api';
import { newMessageId, rowIdOf } from '@mysmtp/contracts';
import { Problem } from '@mysmtp/http';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { rowBelow } from '../src/api/answer.ts';
import {
  cursorAfter,
  readCursor,
  acceptedAtOf,
  isRowId,
  lowestRowId,
} from '../src/messages/row-id.ts';
import { bucketsBack } from '../src/messages/time-buckets.ts';

const ListQuery = loggingApi.listMessages.query;
const SearchBody = loggingApi.searchMessages.body;

const at = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const rowId = fc.tuple(at, fc.nat({ max: 99_999 })).map(([at, n]) => rowIdOf(newMessageId(at), n));
const octet = fc.integer({ min: 1, max: 255 });

fuzz('a cursor comes back as it was, and is a place in time', [rowId], (id) => {
  const found = readCursor(cursorAfter(id));
  expect(found).toBe(id);
  expect(lowestRowId(acceptedAtOf(id)) <= id).toBe(true);
});

const spoilt = fc.oneof(
  fc.string(),
  fc.base64String(),
  fc.uint8Array().map((octets) => Buffer.from(octets).toString('base64url')),
  fc.tuple(rowId, fc.nat({ max: 60 }), octet).map(([id, at, change]) => {
    const cursor = Buffer.from(cursorAfter(id));
    cursor[at % cursor.length] = (cursor[at % cursor.length] ?? 0) ^ change;
    return cursor.toString('latin1');
  }),
  fc
    .tuple(rowId, fc.nat({ max: 60 }), fc.constantFrom('', '=', '.', '!', '\n', ' ', 'A'))
    .map(([id, at, more]) => {
      const cursor = cursorAfter(id);
      return cursor.slice(0, at) + more + cursor.slice(at + 1);
    }),
);

const refusal = { issues: [{ path: 'cursor', message: 'Invalid cursor' }] };

/** The row id, or the refusal. */
function askedFor(text: string): unknown {
  try {
    return rowBelow(text);
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return error.extra;
    throw error;
  }
}

fuzz(
  'each accepted cursor is the canonical form of one row; anything else is refused by name, never a fault',
  [spoilt],
  (text) => {
    const found = readCursor(text);
    if (found !== undefined) {
      expect(isRowId(found)).toBe(true);
      expect(cursorAfter(found)).toBe(text);
      // The cursor may belong to no row; then a page starts between rows.
      expect([...bucketsBack(Number.POSITIVE_INFINITY, acceptedAtOf(found) + 1)]).toEqual([]);
    }
    expect(askedFor(text)).toEqual(found ?? refusal);
    expect(SearchBody.parse({ cursor: text })).toEqual({ cursor: text });
    if (text !== '') expect(ListQuery.parse({ cursor: text })).toEqual({ cursor: text });
  },
  1_000,
);

const queryValue = fc.oneof(
  fc.string(),
  fc.array(fc.string()),
  fc.constantFrom(
    '',
    '1',
    '500',
    '501',
    '-1',
    '1.5',
    '1e2',
    '0x10',
    'NaN',
    'delivered',
    '2026-11-24T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '9999-12-31T23:59:59.999+23:59',
    '0000-01-01T00:00:00Z',
  ),
);

fuzz(
  'a query has valid times, limit and status, or is refused',
  [
    fc.record(
      { status: queryValue, after: queryValue, before: queryValue, limit: queryValue },
      { requiredKeys: [] },
    ),
  ],
  (query) => {
    const { data } = ListQuery.safeParse(query);
    if (data === undefined) return;
    for (const time of [data.after, data.before])
      if (time !== undefined) expect(time).toSatisfy(Number.isSafeInteger);
    if (data.limit !== undefined) {
      expect(data.limit).toSatisfy(Number.isInteger);
      expect(data.limit).toBeGreaterThanOrEqual(1);
      expect(data.limit).toBeLessThanOrEqual(500);
    }
  },
  1_000,
);
