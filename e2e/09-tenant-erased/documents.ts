import type { StackFacts } from '@mysmtp/local-stack';
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
export async function* everyDocument({ mongodb }: StackFacts): AsyncGenerator<Found> {
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

/** The key of a tenant as the database has it: wrapped. */
export async function wrappedKey(facts: StackFacts, tenant: string): Promise<string> {
  await using client = new MongoClient(facts.mongodb.url);
  const tenants = client
    .db(databaseOf(facts, 'privacy'))
    .collection<{ _id: string; wrapped: string }>('tenants');
  return (await tenants.findOne({ _id: tenant }))?.wrapped ?? '';
}

async function databasesOf(client: MongoClient): Promise<string[]> {
  const { databases } = await client.db('admin').admin().listDatabases();
  return databases
    .map(({ name }) => name)
    .filter((name) => !['admin', 'local', 'config'].includes(name));
}
