import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDeadLetterModel, toDeadLetter } from '../src/dead-letters/dead-letter.ts';
import { deadLetterPurge, personDeadLetterPurge } from '../src/dead-letters/erasure.ts';

let database: TestDatabase;
let connection: Connection;
beforeEach(async () => {
  database = await freshDatabase();
  connection = await mongoose.createConnection(database.url).asPromise();
});
afterEach(async () => {
  await connection.close();
  await database.close();
});

test('two customers erased at once: no purge restores what the other has removed from a letter', async () => {
  const letters = await openDeadLetterModel(connection);
  for (let n = 0; n < 20; n += 1) {
    const events = ['first', 'second', 'stays'].map((tenant) => ({ tenant, id: n }));
    const content = Buffer.from(JSON.stringify({ v: 1, events }));
    await letters.create(
      toDeadLetter({ content, routingKey: 'k', headers: {}, redelivered: false }, Date.now()),
    );
  }
  const purge = deadLetterPurge(letters);
  const counts = { first: 0, second: 0 };
  const eraseSecond = () =>
    purge(
      { erasure: randomUUID(), kind: 'tenant', tenant: 'second' },
      async (count) => {
        counts.second += count;
      },
      {},
    );
  await purge(
    { erasure: randomUUID(), kind: 'tenant', tenant: 'first' },
    async (count) => {
      // In the middle of it the other purge runs completely.
      if (counts.first === 0) await eraseSecond();
      counts.first += count;
    },
    {},
  );
  expect(counts).toEqual({ first: 20, second: 20 });
  const left = await letters.find().lean();
  expect(left.map(({ tenants }) => tenants)).toEqual(left.map(() => ['stays']));
  expect(left).toHaveLength(20);
});

test('a person is removed from every letter, and the canary by its id; letters of others stay', async () => {
  const letters = await openDeadLetterModel(connection);
  const events = ['p', 'q'].map((recipientIndex) => ({ tenant: 't', recipientIndex }));
  const ids: string[] = [];
  for (const all of [events, events.slice(0, 1), events.slice(1)]) {
    const content = Buffer.from(JSON.stringify({ v: 1, events: all }));
    const delivery = { content, routingKey: 'k', headers: {}, redelivered: false };
    const letter = await letters.create(toDeadLetter(delivery, Date.now()));
    ids.push(letter._id);
  }
  const canary = toDeadLetter(
    {
      content: Buffer.from(JSON.stringify({ tenant: 't', person: 'canary' })),
      routingKey: 'k',
      headers: {},
      redelivered: false,
    },
    Date.now(),
  );
  await letters.create(canary);
  let removed = 0;
  const fence = { erasure: randomUUID(), kind: 'person', tenant: 't', person: 'p' } as const;
  await personDeadLetterPurge(letters)(
    fence,
    async (count) => {
      removed += count;
    },
    { letter: canary._id },
  );
  expect(removed).toBe(2);
  const left = await letters.find().lean();
  expect(left.map(({ _id, persons }) => [_id, persons])).toEqual(
    expect.arrayContaining([
      [ids[0], ['q']],
      [ids[2], ['q']],
    ]),
  );
  expect(left).toHaveLength(2);
});
