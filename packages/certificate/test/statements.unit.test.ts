import { createHash } from 'node:crypto';
import { outlives, outlivingAt, registry, serviceNames, type Certificate } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { readRegistry } from '../src/inputs.ts';
import { certificateKey, collections, nonce, requestId, sign, subject } from './builder.ts';
import { check, checkContent, good, reasonsOf, withReceipt } from './checking.ts';

test('a missing registry, another one, or one from before there were erasures', async () => {
  const of = (change: Partial<Certificate['registry']>) =>
    checkContent({ ...good, registry: { ...good.registry, ...change } });
  expect(await of({ version: 999 })).toEqual([
    'There is no version 999 of the registry of personal data here',
  ]);
  expect(await of({ sha256: '0'.repeat(64) })).toEqual([
    `It was made by another version ${String(registry.version)} of the registry of personal data than the one here (SHA-256)`,
  ]);
  const first = createHash('sha256').update((await readRegistry(1)) ?? '');
  expect(await of({ version: 1, sha256: first.digest('hex') })).toEqual([
    'The version 1 of the registry of personal data does not say which stores must answer to an erasure',
  ]);
});

test('a store in which the verifier did not find the canary before', async () => {
  const canaries = good.canaries.filter((name) => name !== 'logging.messages');
  expect(await checkContent({ ...good, canaries })).toEqual([
    'The verifier did not find the test record in logging.messages before',
  ]);
});

test('a sweep that found a record, or left a store out', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const found = { ...first, found: { ...first.found, 'logging.messages': 2 } };
  expect(await checkContent({ ...good, sweeps: [found, last] })).toEqual([
    `The sweep at ${first.at} found 2 records in logging.messages`,
  ]);
  const { 'logging.messages': _, ...rest } = first.found;
  expect(await checkContent({ ...good, sweeps: [{ ...first, found: rest }, last] })).toEqual([
    `The sweep at ${first.at} left out logging.messages`,
  ]);
});

test('stores that are erased with the keys must be empty in the last sweep', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const late = collections.filter(({ erased }) => erased === 'shred').map(({ id }) => id);
  expect(late).toEqual(['privacy.tenants']);
  const sweeps = [first, { ...last, found: first.found }];
  expect(await checkContent({ ...good, sweeps })).toEqual([
    `The sweep at ${last.at} left out privacy.tenants`,
  ]);
});

test('one sweep only, or none', async () => {
  const [first, last] = good.sweeps;
  expect(await checkContent({ ...good, sweeps: [last] })).toEqual([
    'The verifier made one sweep, not two',
  ]);
  expect(await checkContent({ ...good, sweeps: [] })).toEqual([
    'The verifier made no sweep, not two',
  ]);
  expect(await checkContent({ ...good, sweeps: [last, first] })).not.toEqual([]);
});

test('times in an impossible order', async () => {
  const [first, last] = good.sweeps as [Certificate['sweeps'][0], Certificate['sweeps'][0]];
  const same = { ...last, at: first.at };
  expect(await checkContent({ ...good, sweeps: [first, same] })).toEqual([
    `The sweep at ${first.at} is not later than the step before it`,
  ]);
  expect(await checkContent({ ...good, completedAt: '2026-11-30T12:00:59.999Z' })).toEqual([
    'It was complete before the last sweep',
  ]);
  const requestedAt = '2026-11-30T12:00:06Z';
  const retained = outlives.map((kept) => outlivingAt(kept, { ...good, requestedAt }));
  expect(await checkContent({ ...good, requestedAt, retained })).toEqual([
    'The fence was raised before the erasure was requested',
  ]);
  const fence = { ...good.fence, raisedAt: '2026-11-30T12:00:31Z' };
  expect(await checkContent({ ...good, fence })).toEqual([
    `The sweep at ${first.at} is not later than the step before it`,
  ]);
});

test('no key destroyed, or none tried', async () => {
  const keysOf = (change: Partial<Certificate['keys']>) =>
    checkContent({ ...good, keys: { ...good.keys, ...change } });
  const untried = ['No remaining root key was tried on what was locked'];
  const noRoot = ['It names no root key that was destroyed'];
  expect(await keysOf({ destroyed: ['account', 'index'] })).toEqual(noRoot);
  expect(await keysOf({ destroyed: ['epoch-000001', 'index'] })).toEqual([
    'It does not say that the key account was destroyed',
  ]);
  expect(await keysOf({ destroyed: ['mail-2026-11-24', 'account', 'index'] })).toEqual(noRoot);
  expect(await keysOf({ triedRoots: [] })).toEqual(untried);
  // A day's root never wrapped it.
  expect(await keysOf({ triedRoots: ['mail-2026-11-24'] })).toEqual(untried);
});

test('a root that is both destroyed and left', async () => {
  const keys = { ...good.keys, triedRoots: ['epoch-000001', 'epoch-000002'] };
  expect(await checkContent({ ...good, keys })).toEqual([
    'The root key epoch-000001 was destroyed, and is left, by the same certificate',
  ]);
});

test('two services with one key, or a service with the key of certificates', async () => {
  const [first, second, ...rest] = good.serviceKeys.keys;
  const reasonOf = async (x: unknown) => {
    const serviceKeys = { keys: [first, { ...second, x }, ...rest] };
    return (await checkContent({ ...good, serviceKeys })).filter((it) => it.startsWith('The key'));
  };
  expect(await reasonOf(first?.['x'])).toEqual(['The key of delivery is also the key of ingress']);
  // 43 characters of base64url have two bits more than 32 octets.
  const x = String(first?.['x']);
  const others = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    .split('')
    .map((last) => x.slice(0, -1) + last)
    .filter(
      (other) => other !== x && Buffer.from(other, 'base64url').equals(Buffer.from(x, 'base64url')),
    );
  expect(others).toHaveLength(3);
  for (const other of [...others, `${x}=`]) {
    expect(await reasonOf(other)).toEqual(['The key of delivery is also the key of ingress']);
  }
  expect(await reasonOf(certificateKey.jwk['x'])).toEqual([
    'The key of delivery is also the key of certificates',
  ]);
});

test.each(serviceNames)('a fence that no process of %s has confirmed', async (service) => {
  const { [service]: _, ...processes } = good.fence.processes;
  expect(await checkContent({ ...good, fence: { ...good.fence, processes } })).toEqual([
    `No process of ${service} has confirmed that it refuses everything`,
  ]);
});

test('another nonce or another tenant', async () => {
  const jws = await sign(good);
  for (const opening of [
    { subject, nonce: 'another' },
    { subject: { ...subject, tenant: requestId }, nonce },
  ]) {
    expect(reasonsOf(await check(jws, opening))).toEqual([
      'It is not about the customer whose id you gave, or the nonce is another one',
    ]);
  }
});

test('every reason is reported, not only the first', async () => {
  const reasons = await checkContent({
    ...withReceipt('delivery.deferred'),
    canaries: [],
    sweeps: [],
    keys: { destroyed: [], triedRoots: [] },
  });
  expect(reasons).toHaveLength(1 + collections.length + 1 + 4);
});
