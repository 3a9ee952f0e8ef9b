import { principalOf } from '@mysmtp/api';
import type { IdentityChange, PrincipalAnswer, TokenState } from '@mysmtp/contracts';
import { CallError, type ServiceClient } from '@mysmtp/http';
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

const token = (
  version: number,
  hash: string | null,
  more: Partial<TokenState> = {},
): IdentityChange => ({
  v: 1,
  entity: 'token',
  id: 'k1',
  version,
  state: hash === null ? null : { role: 'owner', tenant: 't1', hash, ...more },
});

const person = {
  kind: 'person',
  id: 'p1',
  session: 's1',
  tenant: 't1',
  role: 'reader',
  permissions: ['messages:read', 'of-a-newer-release'],
  factorAt: 1,
} as const satisfies PrincipalAnswer['principal'];

function setUp(whole: boolean) {
  const fenced = new Set<string>();
  const entries = createEntries(['tenant', 'token']);
  const asked: unknown[] = [];
  let answer: PrincipalAnswer['principal'] | 'nothing' = null;
  let now = 0;
  const lookUp = tokenLookup({
    projection: {
      ...entries,
      isReady: () => whole,
      forget: async () => 0,
      close: async () => undefined,
    },
    isFenced: (id) => fenced.has(id),
    identity: {
      call: async (_api: unknown, request: unknown) => {
        asked.push(request);
        if (answer === 'nothing') throw new CallError('identity', 0);
        return { principal: answer };
      },
    } as unknown as ServiceClient,
    clock: { now: () => now },
  });
  return {
    find: async (hash: string, isSession = false) =>
      lookUp(hash, { isSession, address: '192.0.2.1' }),
    apply: entries.apply,
    fenced,
    asked,
    answers: (with_: typeof answer) => void (answer = with_),
    waitUntil: (time: number) => void (now = time),
  };
}

const unavailable = expect.objectContaining({ status: 503 });

test("an owner's token is valid while token and tenant are active", async () => {
  const { find, apply } = setUp(true);
  apply(token(1, 'h1'));
  expect(await find('h1')).toBeUndefined();
  apply(tenant(1, true));
  expect(await find('h1')).toEqual(principalOf('k1', { role: 'owner', tenant: 't1' }));
  apply(tenant(2, false));
  expect(await find('h1')).toBeUndefined();
});

test('a revoked token is like an unknown one', async () => {
  const { find, apply } = setUp(true);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  apply(token(2, null));
  expect(await find('h1')).toBeUndefined();
});

test('while the projection is not ready an unknown token is answered with 503, and a known one works', async () => {
  const { find, apply } = setUp(false);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  expect(await find('h1')).toEqual(principalOf('k1', { role: 'owner', tenant: 't1' }));
  await expect(find('h2')).rejects.toEqual(unavailable);
});

test("an owner's token ends with the fence, before any tombstone arrives", async () => {
  const { find, apply, fenced } = setUp(true);
  apply(tenant(1, true));
  apply(token(1, 'h1'));
  fenced.add('t1');
  expect(await find('h1')).toBeUndefined();
});

test('a restricted key has its scopes only, and ends at its time', async () => {
  const { find, apply, waitUntil } = setUp(true);
  apply(tenant(1, true));
  const scopes = ['messages:read', 'tokens:write', 'held:read', 'of-a-newer-release'];
  apply(token(1, 'h1', { role: 'restricted', scopes, domain: 'd1', expiresAt: 100 }));
  const found = await find('h1');
  // No key may have `tokens:write` as a scope, and no tenant has `held:read`.
  expect(found).toMatchObject({ tenant: 't1', domain: 'd1' });
  expect([...(found?.permissions ?? [])]).toEqual(['messages:read']);
  waitUntil(100);
  expect(await find('h1')).toBeUndefined();
});

test('a session is known to identity alone, and no answer is kept', async () => {
  const { find, apply, asked, answers, fenced } = setUp(true);
  apply(tenant(1, true));
  expect(await find('h1', true)).toBeUndefined();
  answers(person);
  const permissions = new Set(['messages:read']);
  expect(await find('h1', true)).toEqual({ ...person, permissions });
  answers(null);
  expect(await find('h1', true)).toBeUndefined();
  expect(asked).toEqual(Array.from({ length: 3 }, () => ({ hash: 'h1', address: '192.0.2.1' })));
  answers(person);
  fenced.add('t1');
  expect(await find('h1', true)).toBeUndefined();
});

test('if identity does not answer, a session is neither accepted nor refused', async () => {
  const { find, apply, answers } = setUp(true);
  apply(tenant(1, true));
  answers('nothing');
  await expect(find('h1', true)).rejects.toEqual(unavailable);
});

test('identity decides about a key that is limited to networks', async () => {
  const { find, apply, asked, answers } = setUp(true);
  apply(tenant(1, true));
  apply(token(1, 'h1', { role: 'restricted', atIdentity: true }));
  expect(await find('h1')).toBeUndefined();
  answers({ kind: 'token', id: 'k1', tenant: 't1', permissions: ['domains:read'], domain: null });
  expect(await find('h1')).toMatchObject({ kind: 'token', id: 'k1' });
  expect(asked).toHaveLength(2);
  answers('nothing');
  await expect(find('h1')).rejects.toEqual(unavailable);
});
