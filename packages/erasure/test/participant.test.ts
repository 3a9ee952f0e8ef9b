import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  openConsumer,
  openPublisher,
  type BrokerSettings,
  type Consumer,
  type Delivery,
  type Outcome,
  type Publisher,
} from '@mysmtp/broker';
import {
  ErasureAnswer,
  queues,
  Receipt,
  receiptType,
  registry,
  routingKeys,
  type Canaries,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, freshDatabase, type TestBroker } from '@mysmtp/test-kit';
import { compactVerify } from 'jose';
import mongoose, { type Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinErasures, type Joining, type Participant, type Purge } from '../src/index.ts';

/** Logging takes part here: two stores to purge, and a queue through which markers go. */
const service = 'logging';
const stores = ['logging.identity', 'logging.messages'] as const;
const queue = queues.loggingMessages;
const erasure = randomUUID();
const tenant = 't1';
const now = Date.parse('2026-11-24T12:00:00Z');
const log = createLogger(service, 'error', { write: () => undefined });

let dir: string;
let publicKey: KeyObject;
let broker: BrokerSettings;
let testBroker: TestBroker;
let database: Connection;
let privacy: Publisher;
let answers: ErasureAnswer[];
const toClose: (() => unknown)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-erasure-'));
  toClose.push(() => rm(dir, { recursive: true }));
  const pair = generateKeyPairSync('ed25519');
  publicKey = pair.publicKey;
  const jwk = JSON.stringify(pair.privateKey.export({ format: 'jwk' }));
  await writeFile(path.join(dir, 'key'), jwk);

  const testDatabase = await freshDatabase();
  toClose.push(() => testDatabase.close());
  database = await mongoose.createConnection(testDatabase.url).asPromise();
  toClose.push(() => database.close());
  testBroker = await freshBroker();
  toClose.push(() => testBroker.close());
  broker = { url: testBroker.url, name: 'test', log };
  privacy = await openPublisher(broker);
  toClose.push(() => privacy.close());
  answers = [];
  await consume(queues.privacyAnswers, async ({ content }) => {
    answers.push(ErasureAnswer.parse(JSON.parse(content.toString())));
    return 'ack';
  });
});

afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function consume(
  from: (typeof queues)[keyof typeof queues],
  handle: (delivery: Delivery) => Promise<Outcome>,
): Promise<Consumer> {
  const consumer = await openConsumer({ ...broker, queue: from, prefetch: 10, handle });
  toClose.push(() => consumer.close());
  await eventually(() => expect(consumer.isUp()).toBe(true));
  return consumer;
}

/** The service's part, with a house around it; ended by `leave` as by SIGTERM. */
async function join(
  purges: Joining['purges'],
  plant?: Joining['plant'],
): Promise<{ participant: Participant; leave(): Promise<void> }> {
  const house = new AsyncDisposableStack();
  toClose.push(() => house.disposeAsync());
  const publisher = await openPublisher(broker);
  house.defer(() => publisher.close());
  const participant = await joinErasures(
    {
      name: service,
      config: { serviceKeyFile: path.join(dir, 'key') },
      log,
      clock: { now: () => now },
      metrics: new Registry(),
      own: (resource, close) => house.adopt(resource, async (owned) => close(owned)),
      readyWhen: () => undefined,
      isStopping: () => false,
    },
    { broker, publisher, database, purges, ...(plant === undefined ? {} : { plant }) },
  );
  return { participant, leave: () => house.disposeAsync() };
}

const things = (store: string) => database.collection<{ tenant: string; n: number }>(store);

async function fill(store: string, count: number): Promise<void> {
  await things(store).insertMany(Array.from({ length: count }, (_, n) => ({ tenant, n })));
  await things(store).insertOne({ tenant: 'another', n: 0 });
}

/** Removes in batches of two and counts each; before each, `broken` says whether it breaks off. */
const purgeOf =
  (store: string, broken: () => boolean = () => false): Purge =>
  async (fence, count) => {
    for (;;) {
      if (broken()) throw new Error('the database went away');
      const batch = await things(store).find({ tenant: fence.tenant }).limit(2).toArray();
      if (batch.length === 0) return;
      const { deletedCount } = await things(store).deleteMany({
        _id: { $in: batch.map(({ _id }) => _id) },
      });
      await count(deletedCount);
    }
  };

const purges = (broken?: () => boolean) => ({
  'logging.identity': purgeOf('logging.identity'),
  'logging.messages': purgeOf('logging.messages', broken),
});

function publish(key: string, content: unknown): Promise<void> {
  return eventually(() =>
    privacy.publish({
      exchange: 'privacy',
      key,
      content: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
      mandatory: true,
    }),
  );
}

const command = (what: 'plant' | 'purge') =>
  publish(routingKeys.erasureCommand(service), { v: 1, do: what, erasure, tenant });

async function receipts(): Promise<Receipt[]> {
  const all = answers.flatMap((answer) => (answer.kind === 'receipt' ? [answer] : []));
  return Promise.all(
    all.map(async (answer) => {
      const { payload, protectedHeader } = await compactVerify(answer.jws, publicKey);
      expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: receiptType, kid: service });
      const receipt = Receipt.parse(JSON.parse(Buffer.from(payload).toString()));
      expect(receipt.requestId).toBe(answer.erasure);
      return receipt;
    }),
  );
}

const ground = registry.collections.find(({ id }) => id === 'logging.identity')?.subject?.ground;

test('a purge empties every store of the tenant and gives a signed receipt of each', async () => {
  for (const [at, store] of stores.entries()) await fill(store, 3 + at);
  await join(purges());
  await command('purge');
  await eventually(() => expect(answers).toHaveLength(2));
  const common = {
    requestId: erasure,
    service,
    registryVersion: registry.version,
    at: '2026-11-24T12:00:00.000Z',
  };
  expect(await receipts()).toEqual([
    {
      ...common,
      store: 'logging.identity',
      matched: 3,
      deleted: 3,
      retained: [{ category: 'logging.identity: _id, version', ground, until: null }],
    },
    { ...common, store: 'logging.messages', matched: 4, deleted: 4, retained: [] },
  ]);
  for (const store of stores) {
    expect(await things(store).distinct('tenant')).toEqual(['another']);
  }
  // A receipt names the request and never the tenant.
  for (const receipt of await receipts()) expect(JSON.stringify(receipt)).not.toContain(tenant);
});

test('what it has counted is in the database, by erasure and store', async () => {
  await fill('logging.messages', 3);
  await join(purges());
  await command('purge');
  await eventually(() => expect(answers).toHaveLength(2));
  expect(await database.collection('purges').find().toArray()).toEqual([
    { _id: `${erasure} logging.messages`, count: 3, at: new Date(now) },
  ]);
});

test('a purge that breaks off in the middle is done again, and the count is of both', async () => {
  await fill('logging.messages', 5);
  let batches = 0;
  await join(purges(() => (batches += 1) === 2));
  await command('purge');
  const told = await eventually(async () => {
    const all = await receipts();
    expect(all.at(-1)?.store).toBe('logging.messages');
    return all;
  });
  expect(told.at(-1)).toMatchObject({ matched: 5, deleted: 5 });
  expect(batches).toBeGreaterThan(3);
});

test('a purge that one process began and another ends is one count', async () => {
  await fill('logging.messages', 5);
  let batches = 0;
  const first = await join(purges(() => (batches += 1) > 1));
  await command('purge');
  await eventually(() => expect(batches).toBeGreaterThan(1));
  await first.leave();
  await join(purges());
  await eventually(async () =>
    expect((await receipts()).at(-1)).toMatchObject({ store: 'logging.messages', deleted: 5 }),
  );
});

test('a command that comes twice ends in the same receipts', async () => {
  await fill('logging.messages', 3);
  await join(purges());
  await command('purge');
  await eventually(() => expect(answers).toHaveLength(2));
  await command('purge');
  await eventually(() => expect(answers).toHaveLength(4));
  const all = await receipts();
  expect(all.slice(2)).toEqual(all.slice(0, 2));
});

test('canaries are planted, and their ids told; who plants none says that', async () => {
  const canaries: Partial<Canaries> = { domain: 'd1', token: 'k1' };
  const planting = await join(purges(), async (fence) => {
    expect(fence).toEqual({ erasure, tenant });
    return canaries;
  });
  await command('plant');
  await eventually(() =>
    expect(answers).toEqual([{ v: 1, kind: 'planted', erasure, service, canaries }]),
  );
  await planting.leave();
  await join(purges());
  await command('plant');
  await eventually(() => expect(answers.at(-1)).toMatchObject({ kind: 'planted', canaries: {} }));
});

test('a marker is answered once all that came before it is settled, with what was dropped', async () => {
  const { participant } = await join(purges());
  const slow = Promise.withResolvers<void>();
  const taken: string[] = [];
  await consume(
    queue,
    participant.throughMarkers(queue, async ({ content }) => {
      const text = content.toString();
      taken.push(text);
      if (text === 'slow') await slow.promise;
      await participant.dropped(erasure, queue, 1);
      return 'ack';
    }),
  );
  for (const text of ['slow', 'quick', 'quick']) {
    await privacy.publish({
      exchange: 'events',
      key: routingKeys.messageFinished,
      content: Buffer.from(text),
      mandatory: true,
    });
  }
  await publish(routingKeys.marker(queue.name), { v: 1, erasure, tenant });
  // Nobody can read this one, so nobody answers it.
  await publish(routingKeys.marker(queue.name), 'unreadable');
  await eventually(() => expect(taken).toEqual(['slow', 'quick', 'quick']));
  await eventually(async () => expect(await testBroker.messagesReady(queue.name)).toBe(0));
  await command('plant');
  await eventually(() => expect(answers).toMatchObject([{ kind: 'planted' }]));
  slow.resolve();
  await eventually(() => expect(answers).toHaveLength(2));
  expect(await receipts()).toMatchObject([
    { store: `queue.${queue.name}`, matched: 3, deleted: 3, retained: [] },
  ]);
});

test('an unreadable command goes to the dead letters, and the next one is obeyed', async () => {
  const dead: string[] = [];
  await consume(queues.deadLetters, async ({ content }) => {
    dead.push(content.toString());
    return 'ack';
  });
  await join(purges());
  await publish(routingKeys.erasureCommand(service), '{"v":1,"do":"nothing"}');
  await publish(routingKeys.erasureCommand(service), 'no JSON');
  await command('purge');
  await eventually(() => expect(answers).toHaveLength(2));
  await eventually(() => expect(dead.toSorted()).toEqual(['no JSON', '{"v":1,"do":"nothing"}']));
});

test('a service that cannot purge what the registry names, or purges what it does not, does not start', async () => {
  const { 'logging.messages': messages, ...without } = purges();
  await expect(join(without)).rejects.toThrow('No purge for logging.messages');
  await expect(join({ ...purges(), 'logging.other': messages })).rejects.toThrow(
    'Not in the registry: logging.other',
  );
});

test('an answer that the broker does not take is given again', async () => {
  await testBroker.deleteQueue(queues.privacyAnswers.name);
  await join(purges());
  await command('plant');
  // Its consumer declares the queue again when it finds it gone.
  await eventually(() => expect(answers).toMatchObject([{ kind: 'planted' }]));
});
