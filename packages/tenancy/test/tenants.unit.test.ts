import { createSecretKey, randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { TenantUnavailable } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import {
  KeyDestroyedError,
  KeyUnavailableError,
  type Keyring,
  type SealingKeys,
} from '@mysmtp/keys';
import { beforeEach, expect, test } from 'vitest';
import { createTenants, KeyScope, type Tenants } from '../src/tenants.ts';

const erasure = '6f9f8a54-6d0f-4d3a-9a3b-3f0b8f6e1d11';
const fence = { erasure, subject: { kind: 'tenant', tenant: 'going' } } as const;
const purposes = ['read', 'send', 'write'] as const;
const fenced = { reason: 'fenced', passes: false, erasure };
const stale = { reason: 'stale', passes: true };

let isCurrent: boolean;
let guard: ReturnType<typeof createTenantGuard>;
/** The keys in a process's memory, by tenant; `refusal` is privacy's answer to a request. */
let held: Map<string, SealingKeys>;
let refusal: TenantUnavailable;
let tenants: Tenants;

beforeEach(() => {
  isCurrent = true;
  guard = createTenantGuard(() => isCurrent);
  held = new Map();
  refusal = new KeyUnavailableError();
  const keyring: Pick<Keyring, 'cached' | 'sealingKeys' | 'key'> = {
    cached: (tenant) => held.get(tenant),
    sealingKeys: () => Promise.reject(refusal),
    key: () => Promise.reject(refusal),
  };
  tenants = createTenants(guard, (tenant) => new KeyScope(tenant, keyring));
});

const secret = () => createSecretKey(randomBytes(32));
const sealingKeys = (): SealingKeys => ({
  mail: secret(),
  mailId: 'mail:2026-11-24',
  events: secret(),
  eventsId: 'events:2026-11-24',
  index: secret(),
  account: secret(),
});

/** Work that continues until the test ends it. */
function work() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { promise, end: () => resolve('done') };
}

/** Whether the promise is settled after everything due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void Promise.allSettled([promise]).then(() => (settled = true));
  await turn();
  return settled;
}

/** Work that only counts its calls. An error that `run` throws in the same turn becomes a rejection too. */
let begun: number;
beforeEach(() => {
  begun = 0;
});
const attempt = async (tenant: string, purpose: (typeof purposes)[number]): Promise<string> => {
  const count = async () => {
    begun += 1;
    return 'done';
  };
  return purpose === 'write'
    ? tenants.run(tenant, purpose, count)
    : tenants.run(tenant, purpose, count);
};

test.each(purposes)(
  '%s is done for a tenant that is not fenced, and for no other',
  async (purpose) => {
    await guard.apply(fence);
    expect(await attempt('staying', purpose)).toBe('done');
    await expect(attempt('going', purpose)).rejects.toMatchObject(fenced);
    expect(begun).toBe(1);
  },
);

test('a process that may have missed a fence reads, and neither sends nor writes', async () => {
  isCurrent = false;
  expect(await attempt('staying', 'read')).toBe('done');
  await expect(attempt('staying', 'send')).rejects.toMatchObject(stale);
  await expect(attempt('staying', 'write')).rejects.toMatchObject(stale);
  expect(begun).toBe(1);
  // The keys of a fenced tenant are not requested again and again.
  await guard.apply(fence);
  await expect(attempt('going', 'send')).rejects.toMatchObject(fenced);
});

test('a fence waits for writes, and not for reads or sends', async () => {
  const [read, sent, written] = [work(), work(), work()];
  const running = [
    tenants.run('going', 'read', () => read.promise),
    tenants.run('going', 'send', () => sent.promise),
    tenants.run('going', 'write', () => written.promise),
  ];
  const closed = guard.apply(fence);
  expect(await isSettled(closed)).toBe(false);
  written.end();
  expect(await isSettled(closed)).toBe(true);
  read.end();
  sent.end();
  expect(await Promise.all(running)).toEqual(['done', 'done', 'done']);
});

test('a batch is refused for one fenced tenant, and a fence on any of its tenants waits for it', async () => {
  const batch = work();
  const running = tenants.writeAll(new Set(['staying', 'going']), () => batch.promise);
  const closed = guard.apply(fence);
  expect(await isSettled(closed)).toBe(false);
  batch.end();
  expect(await isSettled(closed)).toBe(true);
  expect(await running).toBe('done');
  const again = tenants.writeAll(['staying', 'going'], () => attempt('staying', 'read'));
  await expect(again).rejects.toMatchObject(fenced);
  expect(begun).toBe(0);
});

test('work that has started checks whether its tenant was fenced meanwhile', async () => {
  expect(tenants.refuseFenced('going')).toBeUndefined();
  expect(tenants.fencedBy('going')).toBeUndefined();
  await guard.apply(fence);
  expect(() => tenants.refuseFenced('going')).toThrow(expect.objectContaining(fenced));
  expect(tenants.fencedBy('going')).toBe(erasure);
  expect(tenants.isCurrent()).toBe(true);
});

test('a scope has the keys of its own tenant, at once if they are in memory', async () => {
  const [ours, theirs] = [sealingKeys(), sealingKeys()];
  held.set('ours', ours).set('theirs', theirs);
  expect(tenants.run('ours', 'read', (scope) => scope.keys())).toBe(ours);
  expect(await tenants.run('theirs', 'write', async (scope) => scope.keys())).toBe(theirs);
  expect(tenants.run('theirs', 'read', ({ tenant }) => tenant)).toBe('theirs');
});

test.each([
  ['that are unavailable now', new KeyUnavailableError(), { reason: 'keys', passes: true }],
  ['of an unknown tenant', new KeyUnavailableError('unknown'), { reason: 'unknown', passes: true }],
  ['whose day is over', new KeyDestroyedError('active'), { reason: 'keys', passes: false }],
  [
    'of a tenant whose fence has not arrived here yet',
    new KeyDestroyedError('fenced'),
    { reason: 'fenced', passes: false, erasure: undefined },
  ],
  [
    'of a tenant that is erased',
    new KeyDestroyedError('erased'),
    { reason: 'erased', passes: false },
  ],
])('keys %s', async (_case, error, expected) => {
  refusal = error;
  const all = tenants.run('going', 'read', (scope) => scope.keys());
  await expect(all).rejects.toMatchObject(expected);
  const one = tenants.run('going', 'write', (scope) => scope.key('account'));
  await expect(one).rejects.toMatchObject(expected);
  expect(tenants.fencedBy('going')).toBeUndefined();
});
