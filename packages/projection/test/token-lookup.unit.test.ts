import { principalOf } from '@mysmtp/api';
import type { IdentityChange } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { createEntries } from '../src/entries.ts';
import { tokenLookup } from '../src/token-lookup.ts';

const tenant = (version: number, alive: boolean): IdentityChange => ({
  v: 1,
  entity: 'tenant',
  id: 't1',
  version,
  state: alive ? { status: 'active' } : null,
});

const token = (version: number, hash: string | null): IdentityChange => ({
  v: 1,
  entity: 'token',
  id: 'k1',
  version,
  state: hash === null ? null : { role: 'owner', tenant: 't1', hash },
});

function setUp(whole: boolean) {
  const fenced = new Set<string>();
  const entries = createEntries(['tenant', 'token']);
  const lookup = tokenLookup(
    {
      ...entries,
      isReady: () => whole,
      forget: async () => 0,
      close: async () => undefined,
    },
    (tenant) => fenced.has(tenant),
  );
  return { lookup, apply: entries.apply, fenced };
}

test("an owner's token is valid while token and tenant are active", () => {
  const { lookup, apply } = setUp(true);
  apply(token(1, 'h1'));
  expect(lookup('h1')).toBeUndefined();
  apply(tenant(1, true));
  expect(lookup('h1')).toEqual(principalOf('k1', { role: 'owner', tenant: 't1' }));
  apply(tenant(2, false));
  expect(lookup('h1')).toBeUndefined();
});

test('a revoked token is like an unknown one', () => {
  const { lookup, apply } = setUp(true);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  apply(token(2, null));
  expect(lookup('h1')).toBeUndefined();
});

test('while the projection is not ready an unknown token is answered with 503, and a known one works', () => {
  const { lookup, apply } = setUp(false);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  expect(lookup('h1')).toEqual(principalOf('k1', { role: 'owner', tenant: 't1' }));
  expect(() => lookup('h2')).toThrow(expect.objectContaining({ status: 503 }));
});

test("an owner's token ends with the fence, before any tombstone arrives", () => {
  const { lookup, apply, fenced } = setUp(true);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  fenced.add('t1');
  expect(lookup('h1')).toBeUndefined();
});
