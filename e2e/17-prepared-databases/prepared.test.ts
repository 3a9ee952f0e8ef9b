import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { nodeEnvironment, programOf } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { scenarioStack } from '../kit/stack.ts';

const { current } = scenarioStack();

/** Created on their first day, with their indexes, and dropped after the last. */
const day = /^messages_\d/;

/** The collections of a database, each with its indexes and its validation rule. */
async function rules(url: string): Promise<Readonly<Record<string, unknown>>> {
  await using client = new MongoClient(url);
  const collections = await client.db().listCollections().toArray();
  const found = await Promise.all(
    collections
      .filter(({ name }) => !day.test(name))
      .map(async ({ name }) => {
        const collection = client.db().collection(name);
        const indexes = (await collection.indexes()).map(({ key }) => JSON.stringify(key));
        return [name, { indexes: indexes.toSorted(), ...(await collection.options()) }] as const;
      }),
  );
  return Object.fromEntries(found);
}

/** A collection accepts only the fields of its definition. */
const checked = {
  validator: { $jsonSchema: { anyOf: [{ additionalProperties: false }] } },
  validationLevel: 'strict',
  validationAction: 'error',
};

async function empty(url: string): Promise<void> {
  await using client = new MongoClient(url);
  for (const { name } of await client.db().listCollections().toArray()) {
    await client.db().dropCollection(name);
  }
}

async function prepare(service: ServiceName, url: string): Promise<void> {
  await promisify(execFile)(process.execPath, programOf(service, 'prepare'), {
    env: { ...nodeEnvironment(), MONGODB_URL: url },
  });
}

test.each(serviceNames)(
  'prepare of %s creates every index of the service, and sets the validation of every write',
  async (service) => {
    const url = current().databaseUrl(service);
    const running = await rules(url);
    expect(Object.keys(running)).not.toEqual([]);
    for (const [name, rule] of Object.entries(running)) expect(rule, name).toMatchObject(checked);
    await current().process(service).stop();
    await empty(url);
    expect(await rules(url)).toEqual({});
    await prepare(service, url);
    expect(await rules(url)).toEqual(running);
    // A repetition changes nothing.
    await prepare(service, url);
    expect(await rules(url)).toEqual(running);
  },
);
