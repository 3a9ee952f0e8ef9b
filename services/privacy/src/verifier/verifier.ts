import {
  CodedError,
  type SomeCanaries,
  type DataHolder,
  type Registry,
  type Subject,
  type SubjectKind,
} from '@mysmtp/contracts';
import {
  collectionsOf,
  conditionsFor,
  conditionsOf,
  countRecords,
  isSearchable,
  pathsFor,
  valuesOf,
  type Searchable,
} from '@mysmtp/erasure';
import { mongo } from 'mongoose';

/** The subject to search for. */
export interface Wanted {
  readonly subject: Subject;
  /** A canary of a kind that was added later is absent. */
  readonly canaries: SomeCanaries;
}

/**
 * Searches for a subject from outside: with a read-only user of its own, by the paths of the registry,
 * and without any code that writes or erases. Rejects if a database does not answer: then the result is
 * unknown.
 */
export interface Verifier {
  /** The stores that it can search for subjects of this kind. */
  stores(kind: SubjectKind): string[];
  /** True if it finds the canary, and a record by each path by which it will search for the subject. */
  seesCanary(store: string, wanted: Wanted): Promise<boolean>;
  /** How many records of the subject or its canaries are left. Registered tombstones do not count. */
  count(store: string, wanted: Wanted): Promise<number>;
  /** How many records it has of this subject; without one, about how many it has of all. */
  total(store: string, subject?: Subject): Promise<number>;
  close(): Promise<void>;
}

/** Milliseconds. A server that is away is noticed soon; counting a million records may take longer. */
const patience = { serverSelectionTimeoutMS: 3_000, socketTimeoutMS: 120_000 } as const;

export function openVerifier(registry: Registry, urlOf: (name: DataHolder) => string): Verifier {
  const clients = new Map<DataHolder, mongo.MongoClient>();
  const searchable = new Map(
    registry.collections.filter(isSearchable).map((held) => [held.id, held]),
  );

  function database(service: DataHolder): mongo.Db {
    let client = clients.get(service);
    if (client === undefined) {
      client = new mongo.MongoClient(urlOf(service), { ...patience, maxPoolSize: 2 });
      clients.set(service, client);
    }
    return client.db();
  }

  function find(store: string): Searchable {
    const held = searchable.get(store);
    if (held === undefined)
      throw new CodedError('internal_fault', `${store} is not a store that can be searched`);
    return held;
  }

  return {
    stores: (kind) =>
      [...searchable.values()].flatMap((held) => (pathsFor(kind, held) === null ? [] : [held.id])),
    async seesCanary(store, wanted) {
      const held = find(store);
      const collections = await collectionsOf(database(held.service), held);
      if (!isPlanted(held, wanted)) return false;
      for (const condition of conditions(held, wanted)) {
        if (!(await anyHas(collections, condition))) return false;
      }
      return true;
    },
    async count(store, wanted) {
      const held = find(store);
      let count = 0;
      for (const collection of await collectionsOf(database(held.service), held)) {
        // One path at a time: each can use its index.
        for (const condition of conditions(held, wanted)) {
          count += await countRecords(collection, condition, held);
        }
      }
      return count;
    },
    async total(store, subject) {
      const held = find(store);
      const conditions = subject === undefined ? [] : conditionsFor(subject, held);
      let total = 0;
      for (const collection of await collectionsOf(database(held.service), held)) {
        if (subject === undefined) total += await collection.estimatedDocumentCount();
        for (const condition of conditions) total += await collection.countDocuments(condition);
      }
      return total;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

async function anyHas(
  collections: readonly mongo.Collection[],
  condition: mongo.Document,
): Promise<boolean> {
  for (const collection of collections) {
    if ((await collection.findOne(condition, { projection: { _id: 1 } })) !== null) return true;
  }
  return false;
}

/** Conditions, each with one path: of the canary, if it was planted, and of the subject. */
function conditions(held: Searchable, wanted: Wanted): mongo.Document[] {
  const { canary } = held.subject;
  const planted = isPlanted(held, wanted) ? conditionsOf(canary, namesIn(wanted)) : [];
  return [...planted, ...conditionsFor(wanted.subject, held)];
}

const isPlanted = ({ subject }: Searchable, wanted: Wanted): boolean =>
  Object.values(subject.canary).every((template) =>
    [...template.matchAll(/\{(\w+)\}/g)].every(
      ([, name = '']) => namesIn(wanted)[name] !== undefined,
    ),
  );

const namesIn = ({ subject, canaries }: Wanted): Readonly<Record<string, string | undefined>> => ({
  ...valuesOf(subject),
  ...canaries,
});
