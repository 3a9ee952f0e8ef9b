import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openBroker, openConsumer, openPublisher, type Handle } from '@mysmtp/broker';
import {
  queues,
  registry,
  Receipt,
  receiptType,
  routingKeys,
  type ErasureAnswer,
  type Fence,
  type Standing,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import {
  eventually,
  everythingStands,
  freshBroker,
  freshDatabase,
  makeServiceKeys,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { compactVerify, createLocalJWKSet, decodeJwt, type JSONWebKeySet } from 'jose';
import mongoose, { type Collection, type Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { expect } from 'vitest';
import {
  openErasureParticipant,
  type ErasureParticipantDeps,
  type Participant,
  type Purge,
} from '../src/index.ts';

/** Logging as a participant: a queue with markers, and two stores to purge. The others are empty here. */
export const service = 'logging';
export const stores = ['logging.identityProjection', 'logging.messages'] as const;
export const erasure = randomUUID();
export const tenant = 't1';
export const subject = { kind: 'tenant', tenant } as const;
/** As in messages about tenants. */
export const fence = { ...subject, erasure };
/** The subject as in receipts. */
export const commitment = 'commitment';
/** How often a purge reports its progress. Milliseconds. */
export const progressEvery = 10_000;
export const now = Date.parse('2026-11-24T12:00:00Z');
const log = createLogger(service, 'error', { write: () => undefined });

type Store = (typeof stores)[number];

const others = registry.collections
  .filter(
    ({ id, service: of, subject: held }) =>
      of === service && held?.erased === 'purge' && !isStore(id),
  )
  .map(({ id }) => id);

function isStore(id: unknown): id is Store {
  return stores.some((store) => store === id);
}

const purgesOfOthers = Object.fromEntries(
  others.map((id): [string, Purge<'tenant'>] => [id, async (_fence, count) => count(0)]),
);

/** Values of a tenant's record at the paths of the registry. */
const places = {
  'logging.identityProjection': { collection: 'identityProjection', path: 'state.tenant' },
  'logging.messages': { collection: 'messages_2026_11_24', path: 'tenant' },
} as const;

/** The environment of a participant: broker, database and a fake privacy that receives the answers. */
export interface Bench {
  readonly broker: TestBroker;
  readonly database: Connection;
  readonly answers: ErasureAnswer[];
  /** Milliseconds since the epoch; does not advance unless a test moves it. */
  now: number;
  consume(from: (typeof queues)[keyof typeof queues], handle: Handle): Promise<void>;
  /** The participant with its service context; `leave` ends it like SIGTERM. */
  join(
    purges: NonNullable<ErasureParticipantDeps['purges']['tenant']>,
    plant?: NonNullable<ErasureParticipantDeps['plant']>['tenant'],
  ): Promise<{
    participant: Participant;
    leave(): Promise<void>;
    /** From now on it has no purge for tenants. No other kind exists yet. */
    losePurges(): void;
  }>;
  things(store: Store): Collection;
  /** The tenants that have records in a store. */
  tenantsIn(store: Store): Promise<unknown[]>;
  /** This many records of the tenant, and one of another tenant. */
  fill(store: Store, count: number): Promise<void>;
  /** One for each store. Before each batch of messages, `broken` decides whether it fails. */
  purges(broken?: () => boolean): Record<Store, Purge<'tenant'>>;
  readonly keys: ServiceKeys;
  /** The answer of privacy's ledger for every request. */
  stands: Standing;
  /** Publishes as privacy. */
  publish(key: string, content: Buffer): Promise<void>;
  /** A command, signed as by privacy. */
  commanded(what: 'plant' | 'purge', of?: Fence): Promise<Buffer>;
  command(what: 'plant' | 'purge'): Promise<void>;
  /** The answers that have arrived, verified. */
  receipts(): Promise<Receipt[]>;
  close(): Promise<void>;
}

export async function openBench(): Promise<Bench> {
  const closing = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-erasure-'));
  closing.defer(() => rm(dir, { recursive: true }));
  const keys = await makeServiceKeys(dir);
  const signed = await keys.as(service, log);
  const privacy = await keys.as('privacy', log);

  const testDatabase = closing.adopt(await freshDatabase(), (open) => open.close());
  const database = closing.adopt(
    await mongoose.createConnection(testDatabase.url).asPromise(),
    (open) => open.close(),
  );
  const testBroker = closing.adopt(await freshBroker(), (open) => open.close());
  const broker = closing.adopt(
    openBroker({ url: testBroker.url, service: 'logging', log }),
    (open) => open.close(),
  );

  const bench: Bench = {
    broker: testBroker,
    database,
    answers: [],
    now,
    async consume(queue, handle) {
      const consumer = openConsumer(broker, { queue, prefetch: 10, handle });
      closing.defer(() => consumer.close());
      await eventually(() => expect(consumer.isUp()).toBe(true));
    },
    async join(purges, plant) {
      const context = closing.use(new AsyncDisposableStack());
      const byKind: { tenant?: typeof purges } = { tenant: { ...purgesOfOthers, ...purges } };
      const publisher = context.adopt(openPublisher(broker), (open) => open.close());
      const participant = await openErasureParticipant(
        {
          name: service,
          config: { serviceKeyFile: keys.keyFile(service) },
          log,
          clock: { now: () => bench.now },
          metrics: new Registry(),
          manage: (resource, close) => context.adopt(resource, async (owned) => close(owned)),
          readyWhen: () => undefined,
          stopping: new AbortController().signal,
        },
        {
          broker,
          publisher,
          signed,
          standing: async () => bench.stands,
          database,
          purges: byKind,
          ...(plant === undefined ? {} : { plant: { tenant: plant } }),
        },
      );
      return {
        participant,
        leave: () => context.disposeAsync(),
        losePurges: () => delete byKind.tenant,
      };
    },
    things: (store) => database.collection(places[store].collection),
    tenantsIn: (store) => bench.things(store).distinct(places[store].path),
    async fill(store, count) {
      const thing = (of: string) =>
        store === 'logging.identityProjection'
          ? { version: 1, state: { tenant: of } }
          : { tenant: of };
      const all = [...Array.from({ length: count }, () => thing(tenant)), thing('another')];
      await bench.things(store).insertMany(all);
    },
    purges: (broken) => ({
      'logging.identityProjection': purgeOf('logging.identityProjection', bench),
      'logging.messages': purgeOf('logging.messages', bench, broken),
    }),
    publish: (key, content) =>
      eventually(() => testBroker.say('privacy', { key, content, mandatory: true })),
    commanded: (what, of = { erasure, subject }) =>
      privacy.sign(
        'command',
        what === 'plant'
          ? { v: 1, do: what, ...of }
          : { v: 1, do: what, ...of, commitment, progressEvery },
      ),
    command: async (what) =>
      bench.publish(routingKeys.erasureCommand(service), await bench.commanded(what)),
    keys,
    stands: everythingStands,
    receipts: () => receiptsOf(bench.answers, keys),
    close: () => closing.disposeAsync(),
  };
  const take = async (content: Buffer): Promise<void> => {
    const verified = await privacy.verify('answer', content);
    if ('payload' in verified && !isOfOthers(verified.payload))
      bench.answers.push(verified.payload);
  };
  // One after the other: two verifications at once may end in the other order.
  let taken = Promise.resolve();
  await bench.consume(queues.privacyAnswers, async ({ content }) => {
    taken = taken.then(() => take(content));
    await taken;
    return 'ack';
  });
  return bench;
}

function isOfOthers(answer: ErasureAnswer): boolean {
  if (answer.kind !== 'receipt') return false;
  const { store } = decodeJwt(answer.jws);
  return others.some((id) => id === store);
}

/** Removes in batches of two and counts each. */
const purgeOf =
  (store: Store, bench: Bench, broken: () => boolean = () => false): Purge<'tenant'> =>
  async (fence, count) => {
    const things = bench.things(store);
    for (;;) {
      if (broken()) throw new Error('the database went away');
      const batch = await things
        .find({ [places[store].path]: fence.tenant })
        .limit(2)
        .toArray();
      if (batch.length === 0) return;
      const { deletedCount } = await things.deleteMany({
        _id: { $in: batch.map(({ _id }) => _id) },
      });
      await count(deletedCount);
    }
  };

async function receiptsOf(
  answers: readonly ErasureAnswer[],
  { jwksFile }: ServiceKeys,
): Promise<Receipt[]> {
  const published = JSON.parse(await readFile(jwksFile, 'utf8')) as JSONWebKeySet;
  const key = createLocalJWKSet(published);
  const all = answers.flatMap((answer) => (answer.kind === 'receipt' ? [answer] : []));
  return Promise.all(
    all.map(async (answer) => {
      const { payload, protectedHeader } = await compactVerify(answer.jws, key);
      expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: receiptType, kid: service });
      const receipt = Receipt.parse(JSON.parse(Buffer.from(payload).toString()));
      expect(receipt.requestId).toBe(answer.erasure);
      return receipt;
    }),
  );
}
