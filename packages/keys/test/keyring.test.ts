import { randomBytes } from 'node:crypto';
import { openPublisher, type Publisher } from '@mysmtp/broker';
import {
  internalApis,
  routingKeys,
  type KeyId,
  type KeysDropped,
  type ResolveKeysResponse,
} from '@mysmtp/contracts';
import { createServiceClient, implement, openApi, type Api } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyDestroyedError, KeyUnavailableError, openKeyring, type Keyring } from '../src/index.ts';

/**
 * The serving end is a real HTTP server that answers with keys as privacy does; the broker is real.
 * (Privacy itself is tested with this keyring beside its service.)
 */
const lines: string[] = [];
const log = createLogger('delivery', 'info', { write: (line) => void lines.push(line) });
/** The tenants whose keys were dropped, by the log. */
const heard = () =>
  lines
    .map((line) => JSON.parse(line) as { event: string; tenant?: string })
    .flatMap(({ event, tenant }) =>
      event === 'keys.dropped' && tenant !== undefined ? [tenant] : [],
    );

const noon = Date.parse('2026-11-24T12:00:00Z');
const minute = 60_000;

let now: number;
let broker: TestBroker;
let publisher: Publisher;
let api: Api;
let keyring: Keyring;
let asked: (readonly KeyId[] | undefined)[];
/** Tenant t1's keys that exist. */
let keys: Record<KeyId, string>;
let state: ResolveKeysResponse['state'];
/** What privacy does just before it answers. */
let beforeAnswer: () => Promise<void>;
const toClose: { close(): Promise<void> }[] = [];

const days = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26'];
const unasked = (at: number): KeyId[] => [
  'account',
  'index',
  ...[at, at + 24 * 60 * minute]
    .map((time) => new Date(time).toISOString().slice(0, 10))
    .flatMap((day) => [`mail:${day}`, `events:${day}`]),
];

async function openPrivacy(port = 0): Promise<Api> {
  return openApi({
    service: 'privacy',
    address: '127.0.0.1',
    port,
    log,
    metrics: new Registry(),
    tokens: () => undefined,
    callers: { verify: async () => 'delivery' },
    routes: [
      implement(internalApis.resolveKeys, 'Keys', async ({ ids }) => {
        asked.push(ids);
        const wanted = ids ?? unasked(now);
        const answer: ResolveKeysResponse =
          state === 'active'
            ? {
                state,
                keys: Object.fromEntries(
                  Object.entries(keys).filter(([id]) => wanted.includes(id)),
                ),
                destroyed: wanted.filter((id) => !(id in keys)),
              }
            : { state, keys: {}, destroyed: [] };
        await beforeAnswer();
        return answer;
      }),
    ],
  });
}

beforeEach(async () => {
  now = noon;
  lines.splice(0);
  asked = [];
  state = 'active';
  beforeAnswer = async () => {};
  const ids = ['account', 'index', ...days.flatMap((day) => [`mail:${day}`, `events:${day}`])];
  keys = Object.fromEntries(ids.map((id) => [id, randomBytes(32).toString('base64')]));
  broker = await freshBroker();
  api = await openPrivacy();
  const { port } = api;
  const metrics = new Registry();
  keyring = await openKeyring({
    client: createServiceClient({
      service: 'privacy',
      baseUrl: `http://127.0.0.1:${String(port)}`,
      tokens: { tokenFor: async () => 'token' },
      deadline: 1_000,
    }),
    broker: { url: broker.url, name: 'test', log },
    service: 'delivery',
    clock: { now: () => now },
    log,
    metrics,
  });
  toClose.push(keyring);
  publisher = await openPublisher({ url: broker.url, name: 'test privacy', log });
  toClose.push(publisher);
  // The queue is bound once a drop was heard, and a last one has nothing more behind it.
  await eventually(async () => {
    await broadcast({ tenant: 'first', ids: null });
    expect(heard()).toContain('first');
  });
  await broadcast({ tenant: 'last', ids: null });
  await eventually(() => expect(heard()).toContain('last'));
  asked = [];
});

afterEach(async () => {
  for (const resource of toClose.splice(0).toReversed()) await resource.close();
  await api.close();
  await broker.close();
});

function broadcast(dropped: Omit<KeysDropped, 'v'>): Promise<void> {
  return publisher.publish({
    exchange: 'privacy',
    key: routingKeys.keysDropped,
    content: Buffer.from(JSON.stringify({ v: 1, ...dropped })),
  });
}

const raw = (key: { export(): Buffer } | undefined) => key?.export().toString('base64');

test('today needs one call, then none for a minute, and one in the background before it is over', async () => {
  const first = await keyring.sealingKeys('t1');
  expect(raw(first.mail)).toBe(keys['mail:2026-11-24']);
  expect(raw(first.events)).toBe(keys['events:2026-11-24']);
  expect([raw(first.index), raw(first.account)]).toEqual([keys['index'], keys['account']]);
  expect([first.mailId, first.eventsId]).toEqual(['mail:2026-11-24', 'events:2026-11-24']);
  now += minute * 0.7;
  expect(keyring.cached('t1')).toBe(first);
  expect(asked).toEqual([undefined]);

  now += minute * 0.1;
  expect(keyring.cached('t1')).toBe(first);
  await eventually(() => expect(asked.length).toBe(2));
  await eventually(() => expect(keyring.cached('t1')).not.toBe(first));
  now += minute * 0.5;
  expect(raw(keyring.cached('t1')?.mail)).toBe(keys['mail:2026-11-24']);
  expect(asked.length).toBe(2);
});

test('a tenant that was quiet for a minute has to be asked for again', async () => {
  await keyring.sealingKeys('t1');
  now += minute;
  expect(keyring.cached('t1')).toBeUndefined();
  await keyring.sealingKeys('t1');
  expect(asked.length).toBe(2);
});

test('callers at the same time share one request', async () => {
  await Promise.all(Array.from({ length: 20 }, () => keyring.sealingKeys('t1')));
  await Promise.all(Array.from({ length: 20 }, () => keyring.key('t1', 'mail:2026-11-23')));
  expect(asked).toEqual([undefined, ['mail:2026-11-23']]);
});

test('midnight needs no call', async () => {
  now = Date.parse('2026-11-24T23:59:50Z');
  await keyring.sealingKeys('t1');
  const asleep = asked.length;
  now += 15_000;
  const next = keyring.cached('t1');
  expect(raw(next?.mail)).toBe(keys['mail:2026-11-25']);
  // A message that was given its id before midnight is still sealed with the key of that day.
  expect(keyring.cached('t1', now - 15_000)?.mailId).toBe('mail:2026-11-24');
  expect(asked.length).toBe(asleep);
});

test("a clock behind privacy's at midnight asks for its own day by name", async () => {
  const ours = Date.parse('2026-11-24T23:59:59.900Z');
  now = ours + 200;
  const sealing = await keyring.sealingKeys('t1', ours);
  expect(sealing.mailId).toBe('mail:2026-11-24');
  expect(asked).toEqual([undefined, ['mail:2026-11-24', 'events:2026-11-24']]);
});

test('a broadcast drops a key at once, in every form in which it is held', async () => {
  await keyring.sealingKeys('t1');
  await keyring.key('t1', 'mail:2026-11-23');
  await keyring.sealingKeys('t2');
  delete keys['mail:2026-11-23'];
  await broadcast({ tenant: null, ids: ['mail:2026-11-23'] });
  await eventually(() =>
    expect(keyring.key('t1', 'mail:2026-11-23')).rejects.toThrow(KeyDestroyedError),
  );
  expect(keyring.cached('t1')).toBeDefined();

  state = 'erased';
  await broadcast({ tenant: 't1', ids: null });
  await eventually(() => expect(keyring.cached('t1')).toBeUndefined());
  for (const attempt of [keyring.sealingKeys('t1'), keyring.key('t1', 'account')]) {
    const error: unknown = await attempt.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeyDestroyedError);
    expect((error as KeyDestroyedError).tenantState).toBe('erased');
  }
  expect(keyring.cached('t2')).toBeDefined();
});

test('an answer that was under way when the drop came is not believed', async () => {
  let answered = 0;
  beforeAnswer = async () => {
    answered += 1;
    if (answered > 1) return;
    // Asked before, answered after: what it holds is destroyed by now.
    state = 'erased';
    await broadcast({ tenant: 't1', ids: null });
    await keyring.sealingKeys('t9').catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  await expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyDestroyedError);
  expect(keyring.cached('t1')).toBeUndefined();
});

test('when the broadcasts were cut off, nothing held is trusted until privacy was asked', async () => {
  await keyring.sealingKeys('t1');
  await broker.cutConnections();
  await eventually(() => expect(keyring.cached('t1')).toBeUndefined());
  const calls = asked.length;
  await keyring.sealingKeys('t1');
  expect(asked.length).toBe(calls + 1);
});

test('while privacy is down today goes on, older days and unknown tenants do not', async () => {
  await keyring.sealingKeys('t1');
  await keyring.key('t1', 'mail:2026-11-23');
  const { port } = api;
  await api.close();
  now += minute;
  const stale = await keyring.sealingKeys('t1');
  expect(raw(stale.mail)).toBe(keys['mail:2026-11-24']);
  // From the first failure on nobody waits.
  expect(raw(keyring.cached('t1')?.mail)).toBe(keys['mail:2026-11-24']);
  expect(raw(await keyring.key('t1', 'account'))).toBe(keys['account']);
  await expect(keyring.key('t1', 'mail:2026-11-23')).rejects.toThrow(KeyUnavailableError);
  await expect(keyring.sealingKeys('t3')).rejects.toThrow(KeyUnavailableError);

  // The keys that came for tomorrow cover midnight, and no day after it.
  now = Date.parse('2026-11-25T12:00:00Z');
  expect(raw(keyring.cached('t1')?.mail)).toBe(keys['mail:2026-11-25']);
  expect(raw(await keyring.key('t1', 'index'))).toBe(keys['index']);
  now = Date.parse('2026-11-26T00:05:01Z');
  expect(keyring.cached('t1')).toBeUndefined();
  await expect(keyring.sealingKeys('t1')).rejects.toThrow(KeyUnavailableError);
  await expect(keyring.key('t1', 'index')).rejects.toThrow(KeyUnavailableError);

  api = await openPrivacy(port);
  now += 1_001;
  await eventually(async () => {
    now += 1_001;
    expect((await keyring.sealingKeys('t1')).mailId).toBe('mail:2026-11-26');
  });
});

test('a day that is over and a tenant nobody knows are told apart', async () => {
  await expect(keyring.key('t1', 'mail:2026-11-01')).rejects.toThrow(KeyDestroyedError);
  state = 'unknown';
  await expect(keyring.sealingKeys('t4')).rejects.toThrow(KeyUnavailableError);
  state = 'fenced';
  await expect(keyring.sealingKeys('t4')).rejects.toThrow(KeyDestroyedError);
});
