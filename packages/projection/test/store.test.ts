import type { IdentityChange } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openProjectionCollection } from '../src/collection.ts';
import { createStore, type Store } from '../src/store.ts';

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await freshDatabase();
  connection = await mongoose.createConnection(database.url).asPromise();
});

afterAll(async () => {
  await connection.close();
  await database.close();
});

const openStore = (collection: string): Store =>
  createStore(connection.collection(collection), ['token'], createLogger('ingress', 'error'));

const token = (id: string, version: number, alive = true): IdentityChange => ({
  v: 1,
  entity: 'token',
  id,
  version,
  state: alive ? { role: 'operator', tenant: null, hash: `$v${String(version)}` } : null,
});

async function afterwards(collection: string): Promise<IdentityChange[]> {
  const store = openStore(collection);
  try {
    return (await store.load()).changes;
  } finally {
    await store.close();
  }
}

test('a process with an older version does not overwrite the newer state of another', async () => {
  for (const change of [token('a', 3), token('b', 2, false)]) {
    const ahead = openStore('behind');
    ahead.put(change);
    await ahead.close();
  }
  const behind = openStore('behind');
  for (const change of [token('a', 2), token('b', 1), token('b', 9)]) {
    behind.put(change);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await behind.close();
  expect(await afterwards('behind')).toEqual([token('a', 3), token('b', 2, false)]);
});

test('a tombstone replaces any stored state', async () => {
  const first = openStore('tombstone');
  first.put(token('a', 5));
  await first.close();
  const second = openStore('tombstone');
  second.put(token('a', 2, false));
  await second.close();
  expect(await afterwards('tombstone')).toEqual([token('a', 2, false)]);
});

test('of many concurrent inserts of the same entity the newest stays', async () => {
  const ids = Array.from({ length: 50 }, (_, n) => `t${String(n)}`);
  const stores = [1, 4, 2, 5, 3].map((version) => {
    const store = openStore('race');
    for (const id of ids) store.put(token(id, version));
    return store;
  });
  await Promise.all(stores.map((store) => store.close()));
  const versions = (await afterwards('race')).map(({ version }) => version);
  expect(versions).toEqual(ids.map(() => 5));
});

test('the mark for ready is written only after all entities of the snapshot, and only for these kinds', async () => {
  const store = openStore('ready');
  expect((await store.load()).ready).toBe(false);
  for (let n = 0; n < 2_500; n += 1) store.put(token(`t${String(n)}`, 1));
  store.markReady(1);
  await eventually(async () => {
    const { ready, changes } = await store.load();
    // At any moment: never ready without all of them.
    if (ready) expect(changes).toHaveLength(2_500);
    expect(ready).toBe(true);
  });
  await store.close();
  const more = createStore(
    connection.collection('ready'),
    ['token', 'domain'],
    createLogger('ingress', 'error'),
  );
  expect((await more.load()).ready).toBe(false);
  await more.close();
});

test('documents of a newer release are left unchanged, and the projection is not ready', async () => {
  const store = openStore('newer');
  store.put(token('a', 1));
  store.markReady(1);
  await store.close();
  await connection
    .collection<{ _id: string }>('newer')
    .insertOne({ _id: 'token:b', version: 1, state: { role: 'auditor' } } as { _id: string });
  const again = openStore('newer');
  expect(await again.load()).toEqual({ changes: [token('a', 1)], ready: false });
  await again.close();
});

test('the entities of a tenant have an index, without tombstones', async () => {
  await openProjectionCollection(connection, 'indexed');
  const collection = await openProjectionCollection(connection, 'indexed');
  const indexes = (await collection.indexes()).map(({ key, sparse }) => ({ key, sparse }));
  expect(indexes).toContainEqual({ key: { 'state.tenant': 1 }, sparse: true });
});
