import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDeletionCounts, type DeletionCounts } from '../src/deletion-counts.ts';

const erasure = randomUUID();
const store = 'logging.messages';

let now: number;
let database: TestDatabase;
let connections: Connection[];
/** Of two processes of one service. */
let processes: [DeletionCounts, DeletionCounts];

beforeEach(async () => {
  now = Date.parse('2026-11-24T12:00:00Z');
  database = await freshDatabase();
  connections = [];
  const open = async () => {
    const connection = await mongoose.createConnection(database.url).asPromise();
    connections.push(connection);
    return openDeletionCounts(connection, { now: () => now });
  };
  processes = [await open(), await open()];
});
afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await database.close();
});

test('counts start at zero, separately for each store of each erasure', async () => {
  const [deletionCounts] = processes;
  expect(await deletionCounts.of(erasure, store)).toMatchObject({ removed: 0 });
  await deletionCounts.add(erasure, store, 3);
  await deletionCounts.add(erasure, store, 0);
  await deletionCounts.add(erasure, 'logging.identityProjection', 1);
  await deletionCounts.add(randomUUID(), store, 10);
  expect(await deletionCounts.of(erasure, store)).toMatchObject({ removed: 3 });
  expect(await deletionCounts.of(erasure, 'logging.identityProjection')).toMatchObject({
    removed: 1,
  });
});

test('two processes that count concurrently lose nothing, from the first count on', async () => {
  for (let round = 1; round <= 20; round += 1) {
    const id = randomUUID();
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => processes[at % 2 === 0 ? 0 : 1].add(id, store, at)),
    );
    const counts = await Promise.all(
      processes.map((deletionCounts) => deletionCounts.of(id, store)),
    );
    expect(counts.map(({ removed }) => removed)).toEqual([1_225, 1_225]);
  }
});

test('records that a second search no longer finds count as removed, no matter what removed them', async () => {
  const [one, other] = processes;
  expect(await one.of(erasure, store)).toEqual({ matched: undefined, removed: 0 });
  expect(await one.search(erasure, store, 5)).toEqual({ matched: 5, removed: 0 });
  expect(await other.of(erasure, store)).toEqual({ matched: 5, removed: 0 });
  await one.add(erasure, store, 2);
  // One more was removed in another way.
  await other.search(erasure, store, 2);
  expect(await one.of(erasure, store)).toEqual({ matched: 5, removed: 3 });
  await one.add(erasure, store, 2);
  // Another process has written some more.
  await other.search(erasure, store, 3);
  expect(await one.of(erasure, store)).toEqual({ matched: 8, removed: 5 });
});

test('two processes that search concurrently record the same count', async () => {
  const id = randomUUID();
  await Promise.all(processes.map((deletionCounts) => deletionCounts.search(id, store, 7)));
  expect(await processes[0].of(id, store)).toEqual({ matched: 7, removed: 0 });
});

test('an awaited addition is in the database', async () => {
  const [one, other] = processes;
  const first = one.add(erasure, store, 1);
  const second = one.add(erasure, store, 2);
  await second;
  expect(await other.of(erasure, store)).toMatchObject({ removed: 3 });
  await first;
  await one.add(erasure, store, 4);
  expect(await other.of(erasure, store)).toMatchObject({ removed: 7 });
});

test('an addition that could not be written fails, and the next one starts again', async () => {
  const [one, other] = processes;
  await connections[0]?.close();
  await expect(
    Promise.all([one.add(erasure, store, 1), one.add(erasure, store, 2)]),
  ).rejects.toThrow();
  await connections[0]?.openUri(database.url);
  await one.add(erasure, store, 5);
  expect(await other.of(erasure, store)).toMatchObject({ removed: 5 });
});

test('counts without a recent change are deleted, and the oldest is reported', async () => {
  const [deletionCounts] = processes;
  expect(await deletionCounts.oldest()).toBeUndefined();
  const first = now;
  await deletionCounts.add(erasure, store, 1);
  now += 1_000;
  await deletionCounts.add(randomUUID(), store, 1);
  expect(await deletionCounts.oldest()).toBe(first);
  await deletionCounts.removeOlderThan(new Date(first + 1));
  expect(await deletionCounts.oldest()).toBe(now);
  expect(await deletionCounts.of(erasure, store)).toMatchObject({ removed: 0 });
});
