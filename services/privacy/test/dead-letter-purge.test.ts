import { randomUUID } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDeadLetterModel, toDeadLetter } from '../src/dead-letters/dead-letter.ts';
import { deadLetterPurge } from '../src/dead-letters/erasure.ts';

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
