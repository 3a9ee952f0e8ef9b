import { randomBytes } from 'node:crypto';
import { takeKey } from '@mysmtp/seal';
import { beforeEach, expect, test } from 'vitest';
import { createKeyCache, type KeyCache } from '../src/cache.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-24T12:00:00Z');
const ids = ['account', 'index', 'mail:2026-11-24', 'events:2026-11-24'];

let cache: KeyCache;

beforeEach(() => {
  cache = createKeyCache();
  put('t1', noon);
});

const put = (tenant: string, at: number) => {
  for (const id of ids) cache.put(tenant, id, takeKey(randomBytes(32)), at);
};

const left = (tenant: string) => ids.filter((id) => cache.key(tenant, id) !== undefined);

test('every kind of key is in memory for a minute', () => {
  put('t2', noon + 1);
  expect(cache.overdue(noon + minute - 1)).toBeUndefined();
  expect(cache.overdue(noon + minute)).toBe('t1');
  cache.prune(noon + minute, () => false);
  expect([left('t1'), left('t2')]).toEqual([[], ids]);
  expect(cache.sealing('t1', noon)).toBeUndefined();
  expect(cache.overdue(noon + minute)).toBeUndefined();
});

test('needed keys stay after their time, and only those', () => {
  cache.prune(noon + minute, (lastDay) => lastDay > '2026-11-24');
  expect(left('t1')).toEqual(['account', 'index']);
  expect(cache.overdue(noon + minute)).toBe('t1');
});

test('keys that are no longer trusted leave memory at the same time as others', () => {
  cache.age();
  expect(cache.overdue(noon + minute - 1)).toBeUndefined();
  cache.prune(noon + minute - 1, () => false);
  expect(left('t1')).toEqual(ids);
  cache.prune(noon + minute, () => false);
  expect(left('t1')).toEqual([]);
});

test('the time is also over if the clock was set back', () => {
  expect(cache.overdue(noon - 1)).toBe('t1');
});
