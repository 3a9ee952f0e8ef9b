import type { Canaries, Collection, Registry, ServiceName, Subject } from '@mysmtp/contracts';
import { mongo } from 'mongoose';

/** Whom to look for. */
export interface Wanted {
  readonly tenant: string;
  readonly canaries: Canaries;
}

/**
 * Looks for a tenant from outside: with a user of its own that may only read, by the paths that the
 * registry names, and with none of the code that writes or erases. Rejects where a database does not
 * answer: nothing found there means nothing.
 */
export interface Verifier {
  /** The stores that it can look into. */
  stores(): string[];
  /** True where it finds the canary, and something by each path by which it will look for the tenant. */
  seesCanary(store: string, wanted: Wanted): Promise<boolean>;
  /** Records of the tenant or its canaries that are still there; tombstones, as registered, are none. */
  count(store: string, wanted: Wanted): Promise<number>;
  close(): Promise<void>;
}

type Searchable = Collection & { readonly subject: Subject };

/** Milliseconds: a server that is away is noticed soon, one that counts a million records may take its time. */
const patience = { serverSelectionTimeoutMS: 3_000, socketTimeoutMS: 120_000 } as const;

export function openVerifier(
  registry: Registry,
  urls: Readonly<Record<ServiceName, string>>,
): Verifier {
  const clients = new Map<ServiceName, mongo.MongoClient>();
  const searchable = new Map(
    registry.collections.filter(isSearchable).map((held) => [held.id, held]),
  );

  function database(service: ServiceName): mongo.Db {
    let client = clients.get(service);
    if (client === undefined) {
      client = new mongo.MongoClient(urls[service], { ...patience, maxPoolSize: 2 });
      clients.set(service, client);
    }
    return client.db();
  }

  function find(store: string): Searchable {
    const held = searchable.get(store);
    if (held === undefined) throw new Error(`${store} is no store to look into`);
    return held;
  }

  /** One, or one for each day. */
  async function collectionsOf({ service, collection }: Searchable): Promise<mongo.Collection[]> {
    const from = database(service);
    if (!collection.startsWith('/')) return [from.collection(collection)];
    const pattern = new RegExp(collection.slice(1, -1));
    const all = await from.listCollections({}, { nameOnly: true }).toArray();
    return all.filter(({ name }) => pattern.test(name)).map(({ name }) => from.collection(name));
  }

  return {
    stores: () => [...searchable.keys()],
    async seesCanary(store, wanted) {
      const held = find(store);
      const { tenant, canary } = held.subject;
      const collections = await collectionsOf(held);
      for (const filter of [...filters(canary, wanted), ...filters(tenant, wanted)]) {
        if (!(await anyHas(collections, filter))) return false;
      }
      return true;
    },
    async count(store, wanted) {
      const held = find(store);
      const { tenant, canary, remains } = held.subject;
      let count = 0;
      for (const collection of await collectionsOf(held)) {
        // One path at a time: each can use its index.
        for (const filter of [...filters(tenant, wanted), ...filters(canary, wanted)]) {
          count +=
            remains.length === 0
              ? await collection.countDocuments(filter)
              : await countAlive(collection, filter, remains);
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
  filter: mongo.Document,
): Promise<boolean> {
  for (const collection of collections) {
    if ((await collection.findOne(filter, { projection: { _id: 1 } })) !== null) return true;
  }
  return false;
}

const isSearchable = (held: Collection): held is Searchable => held.subject !== null;

/** Conditions, each of one path. */
function filters(paths: Readonly<Record<string, string>>, wanted: Wanted): mongo.Document[] {
  const names: Readonly<Record<string, string>> = { tenant: wanted.tenant, ...wanted.canaries };
  return Object.entries(paths).map(([path, template]) => ({
    [path]: template.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? ''),
  }));
}

/** Those that have more than a tombstone has. */
async function countAlive(
  collection: mongo.Collection,
  filter: mongo.Document,
  remains: readonly string[],
): Promise<number> {
  let count = 0;
  for await (const document of collection.find(filter)) {
    const more = Object.entries(document).some(
      ([name, value]) => !remains.includes(name) && value !== null,
    );
    if (more) count += 1;
  }
  return count;
}
