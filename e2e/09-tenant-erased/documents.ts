import type { StackDescription } from '@mysmtp/local-stack';
import { BSON, MongoClient } from 'mongodb';
import { databaseOf } from '../kit/databases.ts';

/** One document of a service, and its octets. */
export interface Found {
  /** `service.collection`. */
  readonly place: string;
  readonly document: BSON.Document;
  readonly octets: Buffer;
}

/** Every document of every service. */
export async function* everyDocument({ mongodb }: StackDescription): AsyncGenerator<Found> {
  await using client = new MongoClient(mongodb.url);
  for (const name of await databasesOf(client)) {
    const database = client.db(name);
    for (const { name: collection } of await database.listCollections().toArray()) {
      const place = `${name.split('_').at(-1) ?? ''}.${collection}`;
      for await (const document of database.collection(collection).find()) {
        yield { place, document, octets: Buffer.from(BSON.serialize(document)) };
      }
    }
  }
}

/** The key of a tenant in the database: wrapped. */
export async function wrappedKey(description: StackDescription, tenant: string): Promise<string> {
  await using client = new MongoClient(description.mongodb.url);
  const tenants = client
    .db(databaseOf(description, 'privacy'))
    .collection<{ _id: string; wrapped: string }>('tenants');
  return (await tenants.findOne({ _id: tenant }))?.wrapped ?? '';
}

/** The stores of a tenant's entities, and the number of canaries that an erasure inserts there. */
export const entityStores: Readonly<Record<string, number>> = {
  'identity.tenants': 0,
  'identity.domains': 1,
  'identity.domainChecks': 1,
  'identity.credentials': 1,
  'identity.tokens': 1,
  'identity.accesses': 1,
  'identity.accessLog': 1,
  'ingress.identityProjection': 3,
  'delivery.identityProjection': 2,
  'logging.identityProjection': 1,
  'privacy.identityProjection': 1,
};

/** How many entities of a tenant that is not erased are in each of these stores. */
export async function entitiesOf(
  description: StackDescription,
  tenant: string,
): Promise<Map<string, number>> {
  const counts = new Map(Object.keys(entityStores).map((store) => [store, 0]));
  for await (const { place, document } of everyDocument(description)) {
    const {
      _id,
      tenant: owner,
      state,
    } = document as {
      _id: unknown;
      tenant?: unknown;
      state?: { tenant?: unknown } | null;
    };
    const isOwn =
      [owner, state?.tenant].includes(tenant) || _id === tenant || _id === `tenant:${tenant}`;
    const count = counts.get(place);
    if (isOwn && count !== undefined) counts.set(place, count + 1);
  }
  return counts;
}

async function databasesOf(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases();
  return databases
    .map(({ name }) => name)
    .filter((name) => !['admin', 'local', 'config'].includes(name));
}
