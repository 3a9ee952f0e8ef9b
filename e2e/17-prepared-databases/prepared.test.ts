import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { scenarioStack } from '../kit/stack.ts';

const { current } = scenarioStack();

/** Made on their first day, with their indexes, and dropped with the last. */
const day = /^messages_\d/;

async function indexes(url: string): Promise<string[]> {
  await using client = new MongoClient(url);
  const collections = await client.db().listCollections().toArray();
  const found = await Promise.all(
    collections
      .filter(({ name }) => !day.test(name))
      .map(async ({ name }) => {
        const all = await client.db().collection(name).indexes();
        return all.map(({ key }) => `${name} ${JSON.stringify(key)}`);
      }),
  );
  return found.flat().filter((index) => !index.endsWith('{"_id":1}'));
}

async function empty(url: string): Promise<void> {
  await using client = new MongoClient(url);
  for (const { name } of await client.db().listCollections().toArray()) {
    await client.db().dropCollection(name);
  }
}

async function prepare(service: ServiceName, url: string): Promise<void> {
  const program = path.resolve(import.meta.dirname, '../../services', service, 'src/prepare.ts');
  await promisify(execFile)(process.execPath, ['--conditions=mysmtp-source', program], {
    env: { MONGODB_URL: url },
  });
}

test.each(serviceNames)('prepare of %s makes every index that the service has', async (service) => {
  const url = current().databaseUrl(service);
  const running = await indexes(url);
  expect(running).not.toEqual([]);
  await current().process(service).stop();
  await empty(url);
  expect(await indexes(url)).toEqual([]);
  await prepare(service, url);
  expect((await indexes(url)).toSorted()).toEqual(running.toSorted());
  // Again changes nothing.
  await prepare(service, url);
  expect((await indexes(url)).toSorted()).toEqual(running.toSorted());
});
