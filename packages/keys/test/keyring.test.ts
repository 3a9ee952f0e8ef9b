import { routingKeys } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyDestroyedError, KeyUnavailableError, type Keyring } from '../src/index.ts';
import { minute, openBench, type Bench } from './bench.ts';

let bench: Bench;
let keyring: Keyring;

beforeEach(async () => {
  bench = await openBench();
  ({ keyring } = bench);
});

afterEach(() => bench.close());

const raw = (key: { export(): Buffer } | undefined) => key?.export().toString('base64');

test("today's keys need one call, then none for a minute, and one in the background before that is over", async () => {
  const first = await keyring.sealingKeys('t1');
  expect(raw(first.mail)).toBe(bench.keys['mail:2026-11-24']);
  expect(raw(first.events)).toBe(bench.keys['events:2026-11-24']);
  expect([raw(first.index), raw(first.account)]).toEqual([
    bench.keys['index'],
    bench.keys['account'],
  ]);
  expect([first.mailId, first.eventsId]).toEqual(['mail:2026-11-24', 'events:2026-11-24']);
  bench.now += minute * 0.7;
  expect(keyring.cached('t1')).toBe(first);
  expect(bench.asked).toEqual([undefined]);

  bench.now += minute * 0.1;
  expect(keyring.cached('t1')).toBe(first);
  await eventually(() => expect(bench.asked.length).toBe(2));
  await eventually(() => expect(keyring.cached('t1')).not.toBe(first));
  bench.now += minute * 0.5;
  expect(raw(keyring.cached('t1')?.mail)).toBe(bench.keys['mail:2026-11-24']);
  expect(bench.asked.length).toBe(2);
});

test('after a minute without use the keys of a tenant must be requested again', async () => {
  await keyring.sealingKeys('t1');
  bench.now += minute;
  expect(keyring.cached('t1')).toBeUndefined();
  await keyring.sealingKeys('t1');
  // Meanwhile the removal of old keys may have checked that privacy is available. It requests none.
  expect(bench.asked.filter((ids) => ids?.length !== 0)).toEqual([undefined, undefined]);
});

test('keys leave memory after a minute: if privacy goes down later, there are none to use stale', async () => {
  await keyring.sealingKeys('t1');
  bench.now += minute;
  // Before removal, privacy is called to check that it is available; no key is requested.
  await eventually(() => expect(bench.asked).toEqual([undefined, []]));
  await bench.stopPrivacy();
  // The earlier answer must still be verified and opened.
  await eventually(() => expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyUnavailableError));
  await expect(keyring.key('t1', 'account')).rejects.toThrow(KeyUnavailableError);
});

test('keys that were kept while privacy was down leave when it is back, unused', async () => {
  await keyring.sealingKeys('t1');
  await bench.stopPrivacy();
  bench.now += minute;
  expect((await keyring.sealingKeys('t1')).mailId).toBe('mail:2026-11-24');
  // Long enough for a cache that removes by the clock alone.
  bench.now += 30 * minute;
  expect(keyring.cached('t1')).toBeDefined();
  await bench.startPrivacy();
  await eventually(() => {
    bench.now += 1_001;
    expect(bench.asked.at(-1)).toEqual([]);
  });
  await bench.stopPrivacy();
  // The earlier answer must still be verified and opened.
  await eventually(() => expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyUnavailableError));
});

test('concurrent callers share one request', async () => {
  await Promise.all(Array.from({ length: 20 }, () => keyring.sealingKeys('t1')));
  await Promise.all(Array.from({ length: 20 }, () => keyring.key('t1', 'mail:2026-11-23')));
  expect(bench.asked).toEqual([undefined, ['mail:2026-11-23']]);
});

test('midnight needs no call', async () => {
  bench.now = Date.parse('2026-11-24T23:59:50Z');
  await keyring.sealingKeys('t1');
  const asleep = bench.asked.length;
  bench.now += 15_000;
  const next = keyring.cached('t1');
  expect(raw(next?.mail)).toBe(bench.keys['mail:2026-11-25']);
  // A message with an id from before midnight is still sealed with the key of that day.
  expect(keyring.cached('t1', bench.now - 15_000)?.mailId).toBe('mail:2026-11-24');
  expect(bench.asked.length).toBe(asleep);
});

test("a clock behind privacy's at midnight requests its own day by id", async () => {
  const ours = Date.parse('2026-11-24T23:59:59.900Z');
  bench.now = ours + 200;
  const sealing = await keyring.sealingKeys('t1', ours);
  expect(sealing.mailId).toBe('mail:2026-11-24');
  expect(bench.asked).toEqual([undefined, ['mail:2026-11-24', 'events:2026-11-24']]);
});

test('a broadcast drops a key at once, in every cached form', async () => {
  await keyring.sealingKeys('t1');
  await keyring.key('t1', 'mail:2026-11-23');
  await keyring.sealingKeys('t2');
  delete bench.keys['mail:2026-11-23'];
  await bench.broadcast({ tenant: null, ids: ['mail:2026-11-23'] });
  await eventually(() =>
    expect(keyring.key('t1', 'mail:2026-11-23')).rejects.toThrow(KeyDestroyedError),
  );
  expect(keyring.cached('t1')).toBeDefined();

  bench.state = 'erased';
  await bench.broadcast({ tenant: 't1', ids: null });
  await eventually(() => expect(keyring.cached('t1')).toBeUndefined());
  for (const attempt of [keyring.sealingKeys('t1'), keyring.key('t1', 'account')]) {
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyDestroyedError);
    expect((error as KeyDestroyedError).tenantState).toBe('erased');
  }
  expect(keyring.cached('t2')).toBeDefined();
});

test("a drop without privacy's signature has no effect", async () => {
  await keyring.sealingKeys('t1');
  const key = routingKeys.keysDropped;
  const everything = { v: 1 as const, tenant: null, ids: null };
  await bench.broker.say('privacy', { key, content: Buffer.from(JSON.stringify(everything)) });
  for (const other of ['ingress', 'delivery', 'logging', 'identity'] as const) {
    const signed = await bench.serviceKeys.as(other);
    await bench.broker.say('privacy', {
      key,
      content: await signed.sign('keysDropped', everything),
    });
  }
  // Later messages have arrived, so these have as well.
  await keyring.sealingKeys('t2');
  await bench.broadcast({ tenant: 't2', ids: null });
  await eventually(() => expect(keyring.cached('t2')).toBeUndefined());
  expect(keyring.cached('t1')).toBeDefined();
});

test('a drop in a form of a later release drops all keys', async () => {
  await keyring.sealingKeys('t1');
  await bench.broadcast({ tenant: 't1', ids: ['key:of-tomorrow'] });
  await eventually(() => expect(keyring.cached('t1')).toBeUndefined());
});

test('an answer that was under way during a drop is discarded', async () => {
  await keyring.sealingKeys('t2');
  let answered = 0;
  bench.beforeAnswer = async () => {
    answered += 1;
    if (answered > 1) return;
    // Requested before and answered after the drop: its keys are destroyed by now.
    bench.state = 'erased';
    await bench.broadcast({ tenant: 't1', ids: null });
    // The broadcasts arrive in order: the first has been handled if the second has.
    await bench.broadcast({ tenant: 't2', ids: null });
    await eventually(() => expect(keyring.cached('t2')).toBeUndefined());
  };
  await expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyDestroyedError);
  expect(keyring.cached('t1')).toBeUndefined();
});

test('after a disconnection from the broadcasts, no cached key is trusted until privacy has answered', async () => {
  await keyring.sealingKeys('t1');
  await bench.broker.cutConnections();
  await eventually(() => expect(keyring.cached('t1')).toBeUndefined());
  const calls = bench.asked.length;
  await keyring.sealingKeys('t1');
  expect(bench.asked.length).toBe(calls + 1);
});

test("while privacy is down today's keys stay available, older days and unknown tenants do not", async () => {
  await keyring.sealingKeys('t1');
  await keyring.key('t1', 'mail:2026-11-23');
  await bench.stopPrivacy();
  bench.now += minute;
  const stale = await keyring.sealingKeys('t1');
  expect(raw(stale.mail)).toBe(bench.keys['mail:2026-11-24']);
  // After the first failure no caller waits.
  expect(raw(keyring.cached('t1')?.mail)).toBe(bench.keys['mail:2026-11-24']);
  expect(raw(await keyring.key('t1', 'account'))).toBe(bench.keys['account']);
  await expect(keyring.key('t1', 'mail:2026-11-23')).rejects.toThrow(KeyUnavailableError);
  await expect(keyring.sealingKeys('t3')).rejects.toThrow(KeyUnavailableError);

  // Tomorrow's keys cover midnight, and no later day.
  bench.now = Date.parse('2026-11-25T12:00:00Z');
  expect(raw(keyring.cached('t1')?.mail)).toBe(bench.keys['mail:2026-11-25']);
  expect(raw(await keyring.key('t1', 'index'))).toBe(bench.keys['index']);
  bench.now = Date.parse('2026-11-26T00:05:01Z');
  expect(keyring.cached('t1')).toBeUndefined();
  await expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyUnavailableError);
  await expect(keyring.key('t1', 'index')).rejects.toThrow(KeyUnavailableError);

  await bench.startPrivacy();
  bench.now += 1_001;
  await eventually(async () => {
    bench.now += 1_001;
    expect((await keyring.sealingKeys('t1')).mailId).toBe('mail:2026-11-26');
  });
});

test('when privacy is back and nobody needed a key meanwhile, all callers get theirs', async () => {
  await bench.stopPrivacy();
  await expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyUnavailableError);
  await bench.startPrivacy();
  bench.now += 1_001;
  const all = ['t1', 't2', 't3'].map(async (tenant) => (await keyring.sealingKeys(tenant)).mailId);
  expect(new Set(await Promise.all(all))).toEqual(new Set(['mail:2026-11-24']));
});

test('a day that is over and an unknown tenant give different errors', async () => {
  await expect(keyring.key('t1', 'mail:2026-11-01')).rejects.toThrow(KeyDestroyedError);
  bench.state = 'unknown';
  await expect(keyring.sealingKeys('t4')).rejects.toThrow(KeyUnavailableError);
  bench.state = 'fenced';
  await expect(keyring.sealingKeys('t4')).rejects.toThrow(KeyDestroyedError);
});

test('a request that began before the activation of a tenant fails no call that began after it', async () => {
  bench.state = 'unknown';
  const answer = Promise.withResolvers<void>();
  bench.beforeAnswer = () => answer.promise;
  const before = keyring.key('t1', 'account').catch((error: unknown) => error);
  await eventually(() => expect(bench.asked.length).toBe(1));
  bench.state = 'active';
  const after = Promise.all(Array.from({ length: 3 }, () => keyring.key('t1', 'account')));
  answer.resolve();
  expect(await before).toBeInstanceOf(KeyUnavailableError);
  expect((await after).map(raw)).toEqual(Array.from({ length: 3 }, () => bench.keys['account']));
  expect(bench.asked.length).toBe(2);
});
