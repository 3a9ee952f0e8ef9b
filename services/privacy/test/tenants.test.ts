import { createSecretKey } from 'node:crypto';
import { open, SealError } from '@mysmtp/seal';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rotateRoots } from '../src/jobs/rotate-roots.ts';
import { resolveKeys } from '../src/tenants/resolve.ts';
import { finishEpochs, rotateEpoch } from '../src/tenants/rotate-epoch.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { day, noon, openBench, type KeyringBench } from './keyring-deps.ts';

let bench: KeyringBench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

/** The remains of a tenant after an erasure. */
async function erase(tenant: string): Promise<void> {
  await bench.tenants.updateOne(
    { _id: tenant },
    { state: 'erased', epoch: null, wrapped: null, $inc: { version: 1 } },
  );
}

test('a tenant gets its key once, for any number of concurrent requests', async () => {
  const processes = Array.from({ length: 5 }, () => bench.process());
  const states = await Promise.all(processes.map((deps) => activateTenant('t1', deps)));
  expect(states).toEqual(Array.from({ length: 5 }, () => 'active'));
  const before = await bench.tenants.findById('t1').lean();
  expect(await activateTenant('t1', bench.process())).toBe('active');
  expect(await bench.tenants.findById('t1').lean()).toEqual(before);
});

test('without ids: account, index, those of the month, and those of today and tomorrow', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await activateTenant('t2', deps);
  const { state, keys, destroyed } = await resolveKeys('t1', undefined, deps);
  expect([state, destroyed]).toEqual(['active', []]);
  expect(Object.keys(keys).sort()).toEqual([
    'account',
    'audit:2026-11-01',
    'client:2026-11-24',
    'client:2026-11-25',
    'events:2026-11-24',
    'events:2026-11-25',
    'index',
    'mail:2026-11-24',
    'mail:2026-11-25',
    'security:2026-11-01',
  ]);
  const again = await resolveKeys('t1', ['mail:2026-11-24', 'account'], bench.process());
  expect(again.keys['mail:2026-11-24']).toEqual(keys['mail:2026-11-24']);
  expect(again.keys['account']).toEqual(keys['account']);
  const other = await resolveKeys('t2', undefined, deps);
  const all = [...Object.values(keys), ...Object.values(other.keys)];
  expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(20);
});

test('a key never changes while it exists, and the database never contains one', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  const first = await resolveKeys('t1', undefined, deps);
  bench.now = noon + 6 * day;
  await rotateRoots(deps);
  const later = await resolveKeys('t1', ['mail:2026-11-24', 'index'], bench.process());
  expect(later.keys['mail:2026-11-24']).toEqual(first.keys['mail:2026-11-24']);
  expect(later.keys['index']).toEqual(first.keys['index']);
  const stored = JSON.stringify([
    await bench.tenants.find().lean(),
    await bench.model.find().lean(),
  ]);
  for (const key of Object.values(first.keys)) {
    expect(stored).not.toContain(key.toString('base64'));
  }
});

test('keys of a day that never had a root, or has none any more, are destroyed', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await rotateRoots(deps);
  await bench.passTo(noon + 8 * day);
  const ids = ['mail:2026-11-20', 'events:2026-11-24'];
  // The job has not destroyed the root yet, but the usage log of that day is over.
  expect((await resolveKeys('t1', ids, deps)).destroyed).toEqual(ids);
});

test('only an active tenant has keys', async () => {
  const deps = bench.process();
  expect((await resolveKeys('t1', undefined, deps)).state).toBe('unknown');
  await activateTenant('t1', deps);
  for (const state of ['preparing', 'fenced', 'erased'] as const) {
    await bench.tenants.updateOne({ _id: 't1' }, { state });
    expect(await resolveKeys('t1', undefined, deps)).toEqual({
      state: state === 'preparing' ? 'unknown' : state,
      keys: {},
      destroyed: [],
    });
  }
});

test('a fenced or erased tenant never comes back: activation makes nothing', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await bench.tenants.updateOne({ _id: 't1' }, { state: 'fenced' });
  expect(await activateTenant('t1', deps)).toBe('fenced');
  await erase('t1');
  const states = await Promise.all(
    Array.from({ length: 5 }, () => activateTenant('t1', bench.process())),
  );
  expect(new Set(states)).toEqual(new Set(['erased']));
  const left = await bench.tenants.findById('t1').lean();
  expect([left?.state, left?.epoch, left?.wrapped]).toEqual(['erased', null, null]);
  await rotateEpoch(deps);
  expect((await bench.tenants.findById('t1').lean())?.wrapped).toBeNull();
});

test('a new epoch: the old wrapped key cannot be opened with any existing root', async () => {
  const deps = bench.process();
  for (const tenant of ['t1', 't2', 't3']) await activateTenant(tenant, deps);
  const keysBefore = await resolveKeys('t2', undefined, deps);
  // The data of the erased tenant in an oplog or a backup.
  const old = await bench.tenants.findById('t1').lean();
  const oldRoot = await bench.vault.read('epoch-000001');
  if (oldRoot === undefined) throw new Error('expected a root');
  const wrapped = Buffer.from(old?.wrapped ?? '', 'base64');
  const context = { tenant: 't1', record: 'tenant:t1' };
  expect(open(createSecretKey(oldRoot), context, wrapped).length).toBe(32);

  await erase('t1');
  expect(await rotateEpoch(deps)).toEqual({ epoch: 'epoch-000002', rewrapped: 2 });

  const left = await bench.vault.list();
  expect(left.filter((id) => id.startsWith('epoch'))).toEqual(['epoch-000002']);
  for (const id of left) {
    const root = await bench.vault.read(id);
    if (root === undefined) throw new Error('expected a root');
    expect(() => open(createSecretKey(root), context, wrapped)).toThrow(SealError);
  }
  // Active tenants keep their keys.
  expect((await resolveKeys('t2', undefined, bench.process())).keys).toEqual(keysBefore.keys);
  expect(await activateTenant('t4', deps)).toBe('active');
});

test('a fenced tenant is rewrapped too: the rest of its erasure may need its keys', async () => {
  const deps = bench.process();
  await activateTenant('t1', deps);
  await bench.tenants.updateOne({ _id: 't1' }, { state: 'fenced' });
  expect((await rotateEpoch(deps)).rewrapped).toBe(1);
  expect((await bench.tenants.findById('t1').lean())?.epoch).toBe('epoch-000002');
});

test('a rotation that a crash has interrupted is completed by the job', async () => {
  const deps = bench.process();
  for (const tenant of ['t1', 't2']) await activateTenant(tenant, deps);
  const before = await resolveKeys('t1', ['account'], deps);
  const next = await deps.roots.nextEpoch();
  await deps.roots.retireEpochsBefore(next.id);
  expect((await resolveKeys('t1', ['account'], bench.process())).keys).toEqual(before.keys);

  await rotateRoots(bench.process());
  expect(await bench.vault.read('epoch-000001')).toBeUndefined();
  expect((await resolveKeys('t1', ['account'], bench.process())).keys).toEqual(before.keys);
  expect(await finishEpochs(bench.process())).toBe(0);
});

test('tenants that several processes create while epochs change all have a key that opens', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `t${String(index)}`);
  const rotations = (async () => {
    for (let count = 0; count < 4; count += 1) await rotateEpoch(bench.process());
  })();
  const made = names.map(async (name, index) => {
    await new Promise((resolve) => setTimeout(resolve, index * 10));
    return activateTenant(name, bench.process());
  });
  expect(new Set(await Promise.all(made))).toEqual(new Set(['active']));
  await rotations;
  await finishEpochs(bench.process());
  for (const name of names) {
    expect([name, (await resolveKeys(name, undefined, bench.process())).state]).toEqual([
      name,
      'active',
    ]);
  }
});

test('two concurrent rotations leave one active epoch and every key', async () => {
  const deps = bench.process();
  for (const tenant of ['t1', 't2', 't3']) await activateTenant(tenant, deps);
  const before = await resolveKeys('t3', undefined, deps);
  await Promise.all([rotateEpoch(bench.process()), rotateEpoch(bench.process())]);
  await finishEpochs(bench.process());
  const epochs = (await bench.vault.list()).filter((id) => id.startsWith('epoch'));
  expect(epochs.length).toBe(1);
  expect((await resolveKeys('t3', undefined, bench.process())).keys).toEqual(before.keys);
});
