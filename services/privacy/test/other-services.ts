import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { openBroker, openConsumer, openControl, openPublisher } from '@mysmtp/broker';
import {
  canaryAddress,
  internalApis,
  queues,
  registry,
  type Canaries,
  type Collection,
  type FenceOf,
  type IdentityChange,
  type ServiceName,
  type Subject,
  type SomeCanaries,
  type SubjectKind,
  type WorkQueue,
} from '@mysmtp/contracts';
import {
  conditionsFor,
  isSearchable,
  startTenantGuard,
  createParticipant,
  openReceipts,
  openDeletionCounts,
  type Purge,
  standingAt,
} from '@mysmtp/erasure';
import { addressIndex } from '@mysmtp/seal';
import mongoose, { mongo } from 'mongoose';
import { Registry } from 'prom-client';
import { processLease, type World } from './running-service.ts';

/** One of the other four services, as seen by an erasure: its stores, a tenant guard and a participant. */
export interface OtherService {
  readonly service: ServiceName;
  readonly database: mongo.Db;
  close(): Promise<void>;
}

export const otherServices = ['ingress', 'delivery', 'logging', 'identity'] as const;
type Other = (typeof otherServices)[number];

/** The stores of a service that are purged. */
const storesOf = (service: ServiceName): Collection[] =>
  registry.collections.filter(
    (held) => held.service === service && held.subject?.erased === 'purge',
  );

/** The collection of a store; a pattern of days becomes one day. */
const collectionOf = ({ collection }: Collection): string =>
  collection.startsWith('/') ? 'messages_2026_11_24' : collection;

type Paths = Readonly<Record<string, string>>;
type Names = Readonly<Record<string, string>>;

const named = (template: string, names: Names): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '?');

/** A document with these values at these paths, which are one or two levels deep. */
function documentWith(paths: Paths, names: Names): mongo.Document {
  const document: mongo.Document = { _id: randomUUID(), secret: 'sealed' };
  for (const [at, template] of Object.entries(paths)) {
    const [outer = '', inner] = at.split('.');
    const value = named(template, names);
    document[outer] = inner === undefined ? value : { [inner]: value };
  }
  return document;
}

/** Inserts a record of the tenant, and known canaries, into every store of a service. */
export async function fill(database: mongo.Db, service: ServiceName, names: Names): Promise<void> {
  for (const held of storesOf(service)) {
    const { tenant = {}, canary = {} } = held.subject ?? {};
    // If the tenant has a record of its own, its canary is another one.
    const own = '_id' in tenant ? [documentWith(tenant, names)] : [];
    for (const document of [...own, documentWith({ ...tenant, ...canary }, names)]) {
      if (JSON.stringify(document).includes('?')) continue;
      const collection = database.collection(collectionOf(held));
      await collection.replaceOne({ _id: document['_id'] }, document, { upsert: true });
    }
  }
}

type Rule = NonNullable<Collection['subject']>;

/** The stores of a service with data of persons. */
const storesWithPersons = (service: ServiceName) =>
  storesOf(service).flatMap((held) => {
    const { person = null, canary = {} } = held.subject ?? ({} as Partial<Rule>);
    return person === null ? [] : [{ held, person, canary }];
  });

/** Inserts a record for each path by which a person is found. */
export async function fillPerson(
  database: mongo.Db,
  service: ServiceName,
  names: Names,
): Promise<void> {
  for (const { held, person } of storesWithPersons(service)) {
    for (const [at, template] of Object.entries(person)) {
      const record = documentWith({ [at]: template }, names);
      await database.collection(collectionOf(held)).insertOne(record);
    }
  }
}

/** Inserts a canary that is found by each path of a person. */
async function fillCanary(database: mongo.Db, service: ServiceName, names: Names): Promise<void> {
  for (const { held, person, canary } of storesWithPersons(service)) {
    const record = documentWith({ ...person, ...canary }, names);
    const collection = database.collection(collectionOf(held));
    await collection.replaceOne({ _id: record['_id'] }, record, { upsert: true });
  }
}

function purgeOfPerson(database: mongo.Db, held: Collection): Purge<'person'> {
  return async ({ person: value }, count, canaries) => {
    const { person, canary = {} } = held.subject ?? ({} as Partial<Rule>);
    const collection = database.collection(collectionOf(held));
    for (const [at, template] of Object.entries(canary)) {
      await collection.deleteMany({ [at]: named(template, canaries as Names) });
    }
    for (const [at, template] of Object.entries(person ?? {})) {
      const { deletedCount } = await collection.deleteMany({
        [at]: named(template, { person: value }),
      });
      await count(deletedCount);
    }
  };
}

function purgeOf(database: mongo.Db, held: Collection): Purge<'tenant'> {
  return async ({ tenant }, count) => {
    const { tenant: paths = {}, remains = [] } = held.subject ?? {};
    const collection = database.collection(collectionOf(held));
    for (const [at, template] of Object.entries(paths)) {
      const filter = { [at]: named(template, { tenant }), secret: 'sealed' };
      for await (const { _id } of collection.find(filter)) {
        if (remains.length === 0) await collection.deleteOne({ _id });
        else await collection.replaceOne({ _id }, { version: 2 });
        await count(1);
      }
    }
  };
}

/** Runs this, then writes the subject's records of the store again. */
export async function writtenAgainAfter(
  work: () => Promise<void>,
  { world, store, subject }: { world: World; store: string; subject: Subject },
): Promise<void> {
  const held = registry.collections.filter(isSearchable).find(({ id }) => id === store);
  if (held === undefined) throw new Error(`No such store: ${store}`);
  await using client = new mongo.MongoClient(world.databases[held.service]);
  const collection = client.db().collection(collectionOf(held));
  const records = await collection.find({ $or: conditionsFor(subject, held) }).toArray();
  await work();
  if (records.length > 0) await collection.insertMany(records);
}

const planters: Partial<Record<Other, readonly (keyof Canaries)[]>> = {
  identity: ['domain', 'credential', 'token'],
  ingress: ['message'],
};

const consumed: Partial<Record<Other, readonly WorkQueue[]>> = {
  ingress: [queues.ingressSpool],
  delivery: [queues.deliveryMail],
  logging: [queues.loggingMessages, queues.loggingSecurity],
};

/** The blind index of an address in the data of a tenant, as services make it. */
export async function personIn(world: World, tenant: string, address: string): Promise<string> {
  const { keys } = await world.ask('ingress', tenant, ['index']);
  const key = keys['index'];
  if (key === undefined) throw new Error('No key');
  return addressIndex(key, address);
}

/** Starts a service; `behaves` may break its purges. Its canaries appear in the stores of all services. */
export async function startOther(
  world: World,
  service: Other,
  behaves: {
    purge?: <Kind extends SubjectKind>(store: string, purge: Purge<Kind>) => Purge<Kind>;
  } = {},
): Promise<OtherService> {
  const closing = new AsyncDisposableStack();
  const connection = closing.adopt(
    await mongoose.createConnection(world.databases[service]).asPromise(),
    (open) => open.close(),
  );
  const database = connection.getClient().db();
  const broker = closing.adopt(
    openBroker({ url: world.broker.url, service, log: world.log }),
    (open) => open.close(),
  );
  const publisher = closing.adopt(openPublisher(broker), (open) => open.close());
  const privacy = await world.client(service);
  const signed = await world.keys.as(service, world.log);
  closing.adopt(
    startTenantGuard({
      service,
      control: closing.adopt(openControl(broker), (open) => open.close()),
      publisher,
      fences: async () => (await privacy.call(internalApis.fences, {})).fences,
      signed,
      standing: standingAt(privacy),
      lease: processLease,
      log: world.log,
      metrics: new Registry(),
    }),
    (open) => open.stop(),
  );
  const plant = async ({ tenant }: FenceOf<'tenant'>): Promise<Partial<Canaries>> => {
    const canaries: Partial<Canaries> = Object.fromEntries(
      (planters[service] ?? []).map((name) => [name, randomUUID()]),
    );
    for (const other of otherServices) {
      await using client = new mongo.MongoClient(world.databases[other]);
      await fill(client.db(), other, { tenant, ...canaries });
    }
    if (canaries.token !== undefined) {
      await tell({ v: 1, entity: 'tenant', id: tenant, version: 1, state: { status: 'active' } });
      await tell(tokenOf(canaries.token, tenant));
    }
    return canaries;
  };
  const plantPerson = async ({ tenant }: FenceOf<'person'>): Promise<SomeCanaries> => {
    if (service !== 'ingress') return {};
    const message = randomUUID();
    const person = await personIn(world, tenant, canaryAddress);
    for (const other of otherServices) {
      await using client = new mongo.MongoClient(world.databases[other]);
      await fillCanary(client.db(), other, { tenant, person, message });
    }
    return { message };
  };
  const tell = (change: IdentityChange): Promise<void> => world.keys.tell(world.broker, change);
  const participant = closing.adopt(
    createParticipant({
      service,
      broker,
      publisher,
      signed,
      standing: standingAt(privacy),
      receipts: await openReceipts(service, path.join(world.dir, `${service}.jwk`), Date),
      deletionCounts: await openDeletionCounts(connection, Date),
      database: connection,
      purges: {
        tenant: Object.fromEntries(
          storesOf(service).map((held) => {
            const purge = purgeOf(database, held);
            return [held.id, behaves.purge?.(held.id, purge) ?? purge];
          }),
        ),
        person: Object.fromEntries(
          storesWithPersons(service).map(({ held }) => {
            const purge = purgeOfPerson(database, held);
            return [held.id, behaves.purge?.(held.id, purge) ?? purge];
          }),
        ),
      },
      plant: { tenant: plant, person: plantPerson },
      clock: Date,
      log: world.log,
    }),
    (open) => open.stop(),
  );
  for (const queue of consumed[service] ?? []) {
    const handle = participant.withQueueMarkers(queue, () => Promise.resolve('ack'));
    closing.adopt(openConsumer(broker, { queue, prefetch: 10, handle }), (open) => open.close());
  }
  return { service, database, close: () => closing.disposeAsync() };
}

const tokenOf = (id: string, tenant: string): IdentityChange => ({
  v: 1,
  entity: 'token',
  id,
  version: 1,
  state: { role: 'owner', tenant, hash: randomUUID() },
});
