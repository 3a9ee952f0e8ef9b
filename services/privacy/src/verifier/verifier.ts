import {
  CodedError,
  type Canaries,
  type DataHolder,
  type Registry,
  type Subject,
} from '@mysmtp/contracts';
import {
  collectionsOf,
  conditionsFor,
  conditionsOf,
  countRecords,
  isSearchable,
  valuesOf,
  type Searchable,
} from '@mysmtp/erasure';
import { mongo } from 'mongoose';

/** Whom to look for. */
export interface Wanted {
  readonly subject: Subject;
  /** A canary of a kind that came later is not there. */
  readonly canaries: Partial<Canaries>;
}

/**
 * Looks for a subject from outside: with a user of its own that may only read, by the paths that the
 * registry names, and with none of the code that writes or erases. Rejects where a database does not
 * answer: nothing found there means nothing.
 */
export interface Verifier {
  /** The stores that it can look into. */
  stores(): string[];
  /** True where it finds the canary, and something by each path by which it will look for the subject. */
  seesCanary(store: string, wanted: Wanted): Promise<boolean>;
  /** Records of the subject or its canaries that are still there; tombstones, as registered, are none. */
  count(store: string, wanted: Wanted): Promise<number>;
  close(): Promise<void>;
}

/** Milliseconds: a server that is away is noticed soon, one that counts a million records may take its time. */
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
      throw new CodedError('internal_fault', `${store} is no store to look into`);
    return held;
  }

  return {
    stores: () => [...searchable.keys()],
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

/** Conditions, each of one path: of the canary, if it was planted, and of the subject. */
function conditions(held: Searchable, wanted: Wanted): mongo.Document[] {
  const { canary } = held.subject;
  const planted = isPlanted(held, wanted) ? conditionsOf(canary, namesIn(wanted)) : [];
  return [...planted, ...conditionsFor(wanted.subject, held)];
}

const isPlanted = ({ subject }: Searchable, wanted: Wanted): boolean =>
  Object.values(subject.canary).every((template) =>
    [...template.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => name in namesIn(wanted)),
  );

const namesIn = ({ subject, canaries }: Wanted): Readonly<Record<string, string>> => ({
  ...valuesOf(subject),
  ...canaries,
});
