import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTally, type Tally } from '../src/tally.ts';

const erasure = randomUUID();
const store = 'logging.messages';

let now: number;
let database: TestDatabase;
let connections: Connection[];
/** Of two processes of one service. */
let tallies: [Tally, Tally];

beforeEach(async () => {
  now = Date.parse('2026-11-24T12:00:00Z');
  database = await freshDatabase();
  connections = [];
  const open = async () => {
    const connection = await mongoose.createConnection(database.url).asPromise();
    connections.push(connection);
    return openTally(connection, { now: () => now });
  };
  tallies = [await open(), await open()];
});
afterEach(async () => {
  await Promise.all(connections.map((connection) => connection.close()));
  await database.close();
});

test('it begins with none, and each store of each erasure counts alone', async () => {
  const [tally] = tallies;
  expect(await tally.of(erasure, store)).toMatchObject({ removed: 0 });
  await tally.add(erasure, store, 3);
  await tally.add(erasure, store, 0);
  await tally.add(erasure, 'logging.identity', 1);
  await tally.add(randomUUID(), store, 10);
  expect(await tally.of(erasure, store)).toMatchObject({ removed: 3 });
  expect(await tally.of(erasure, 'logging.identity')).toMatchObject({ removed: 1 });
});

test('two processes that count at once lose nothing, from the first one on', async () => {
  for (let round = 1; round <= 20; round += 1) {
    const id = randomUUID();
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => tallies[at % 2 === 0 ? 0 : 1].add(id, store, at)),
    );
    const counts = await Promise.all(tallies.map((tally) => tally.of(id, store)));
    expect(counts.map(({ removed }) => removed)).toEqual([1_225, 1_225]);
  }
});

test('what a search finds no more of what it found before is gone, whatever removed it', async () => {
  const [one, other] = tallies;
  expect(await one.of(erasure, store)).toEqual({ matched: undefined, removed: 0 });
  expect(await one.found(erasure, store, 5)).toEqual({ matched: 5, removed: 0 });
  expect(await other.of(erasure, store)).toEqual({ matched: 5, removed: 0 });
  await one.add(erasure, store, 2);
  // One more has gone another way.
  await other.found(erasure, store, 2);
  expect(await one.of(erasure, store)).toEqual({ matched: 5, removed: 3 });
  await one.add(erasure, store, 2);
  // Somebody has written some more.
  await other.found(erasure, store, 3);
  expect(await one.of(erasure, store)).toEqual({ matched: 8, removed: 5 });
});

test('two processes that search at once take down the same', async () => {
  const id = randomUUID();
  await Promise.all(tallies.map((tally) => tally.found(id, store, 7)));
  expect(await tallies[0].of(id, store)).toEqual({ matched: 7, removed: 0 });
});

test('whoever has waited for an addition finds it', async () => {
  const [one, other] = tallies;
  const first = one.add(erasure, store, 1);
  const second = one.add(erasure, store, 2);
  await second;
  expect(await other.of(erasure, store)).toMatchObject({ removed: 3 });
  await first;
  await one.add(erasure, store, 4);
  expect(await other.of(erasure, store)).toMatchObject({ removed: 7 });
});

test('an addition that could not be written fails, and the next one begins anew', async () => {
  const [one, other] = tallies;
  await connections[0]?.close();
  await expect(
    Promise.all([one.add(erasure, store, 1), one.add(erasure, store, 2)]),
  ).rejects.toThrow();
  await connections[0]?.openUri(database.url);
  await one.add(erasure, store, 5);
  expect(await other.of(erasure, store)).toMatchObject({ removed: 5 });
});

test('what has not changed for long goes, and the oldest is told', async () => {
  const [tally] = tallies;
  expect(await tally.oldest()).toBeUndefined();
  const first = now;
  await tally.add(erasure, store, 1);
  now += 1_000;
  await tally.add(randomUUID(), store, 1);
  expect(await tally.oldest()).toBe(first);
  await tally.removeOlderThan(new Date(first + 1));
  expect(await tally.oldest()).toBe(now);
  expect(await tally.of(erasure, store)).toMatchObject({ removed: 0 });
});
