import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRoots } from '../src/keyring/roots.ts';
import { resolveKeys } from '../src/tenants/resolve.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { openBench, type KeyringBench } from './keyring-deps.ts';

let bench: KeyringBench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

test('a root that is destroyed during a read is not kept in memory', async () => {
  const reading = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const vault = {
    ...bench.vault,
    async read(id: string) {
      const secret = await bench.vault.read(id);
      reading.resolve();
      await answer.promise;
      return secret;
    },
  };
  const { roots } = bench.process();
  const { id } = await roots.currentEpoch();
  const { model } = bench;
  const { clock, log } = bench.process();
  const slow = createRoots({ model, vault, clock, log });
  const finding = slow.find(id);
  await reading.promise;
  await slow.destroy(id);
  answer.resolve();
  await finding;
  expect(await slow.find(id)).toBeUndefined();
});

test('the octets of a root are overwritten as soon as its key is derived, and so are the inputs of the key', async () => {
  const octets: Buffer[] = [];
  const { model } = bench;
  const { clock, log, tenants, days, timeOfDatabase } = bench.process();
  const vault = {
    ...bench.vault,
    async read(id: string) {
      const secret = await bench.vault.read(id);
      if (secret !== undefined) octets.push(secret);
      return secret;
    },
    async create(id: string, secret: Buffer) {
      octets.push(secret);
      return bench.vault.create(id, secret);
    },
  };
  const roots = createRoots({ model, vault, clock, log });
  await activateTenant('t1', { tenants, roots, clock });
  const answer = await resolveKeys('t1', undefined, {
    tenants,
    roots,
    clock,
    days,
    timeOfDatabase,
  });
  expect(answer.state).toBe('active');
  // The epoch and the day roots of today and tomorrow: made, confirmed, read.
  expect(octets).toHaveLength(27);
  expect(octets.filter((secret) => !secret.equals(Buffer.alloc(32)))).toEqual([]);
});

test('a root that another process destroys leaves the memory of this one within a minute', async () => {
  const [one, another] = [bench.process(), bench.process()];
  const { id } = await one.roots.currentEpoch();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    expect(await another.roots.find(id)).toBeDefined();
    vi.advanceTimersByTime(60_000);
  } finally {
    vi.useRealTimers();
  }
  await one.roots.destroy(id);
  // By the test's clock, which does not advance, it would still be valid.
  expect(await another.roots.find(id)).toBeUndefined();
});
