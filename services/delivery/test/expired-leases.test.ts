import { createLogger } from '@mysmtp/log';
import { systemClock } from '@mysmtp/service';
import {
  eventually,
  freshDatabase,
  proxyTo,
  type Proxy,
  type TestDatabase,
} from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { releaseExpiredLeases } from '../src/jobs/expired-leases.ts';
import { deferredModel, type DeferredModel } from '../src/deferred/document.ts';
import { newDocument } from './documents.ts';
import { timeOfBucket } from '../src/deferred/buckets.ts';
import { createMaintenance } from '../src/deferred/maintenance.ts';

const times = { lease: 60_000, crashPause: 15_000 };

let database: TestDatabase;
let proxy: Proxy;
let behind: Connection;
let deferred: DeferredModel;
let turn: () => Promise<void>;
beforeEach(async () => {
  database = await freshDatabase();
  proxy = await proxyTo(database.url);
  behind = mongoose.createConnection(proxy.url, { serverSelectionTimeoutMS: 2_500 });
  deferred = deferredModel(mongoose.createConnection(database.url));
  turn = releaseExpiredLeases({
    maintenance: createMaintenance(deferredModel(behind), behind, times),
    ours: /^ours:/,
    clock: systemClock,
    log: createLogger('delivery', 'error', { write: () => undefined }),
  });
});
afterEach(async () => {
  await behind.close();
  await proxy.close();
  await deferred.db.close();
  await database.close();
});

/** A lease that was not renewed for longer than its time. */
async function overdue(id: string, owner = 'of another:1'): Promise<void> {
  const now = Date.now();
  const header = { id, tenant: 'tenant', kind: 'message' } as const;
  const due = { acceptedAt: now, nextAt: now, expiry: 1 };
  const document = newDocument(header, Buffer.from('sealed'), due);
  const leasedAt = new Date(now - 2 * times.lease);
  await deferred.create({ ...document, state: 'leased', lease: owner, leasedAt });
}

const stateOf = async (id: string) => (await deferred.findById(id).lean())?.state;

test('a lease of another process is not released at the start, because it may be renewed soon', async () => {
  await overdue('first');
  await turn();
  expect(await stateOf('first')).toBe('leased');
  await turn();
  expect(await stateOf('first')).toBe('ready');
});

test('a lease of this process is never released, even if it could not be renewed for long', async () => {
  await turn();
  await overdue('held', 'ours:1');
  await overdue('lost');
  await turn();
  expect(await stateOf('held')).toBe('leased');
  expect(await stateOf('lost')).toBe('ready');
});

test('after an expired lease a possibly poisonous message waits for a moment, any other message is due at once', async () => {
  await turn();
  await overdue('harmless');
  await overdue('poisonous');
  await deferred.updateOne({ _id: 'poisonous' }, { unfinishedHandlings: 2 });
  const now = Date.now();
  await createMaintenance(deferred, deferred.db, { ...times, lease: 5_000 }).releaseExpired(
    now,
    /^ours:/,
  );
  const bucketById = async (id: string) => (await deferred.findById(id).lean())?.bucket ?? 0;
  expect(timeOfBucket(await bucketById('harmless'))).toBeLessThanOrEqual(now);
  expect(timeOfBucket(await bucketById('poisonous')) - now).toBeGreaterThan(8_000);
});

test('while the database is unreachable every run fails, and the first run after it releases nothing', async () => {
  await turn();
  proxy.cut();
  await expect(turn()).rejects.toThrow();
  await expect(turn()).rejects.toThrow();
  await overdue('second');
  proxy.mend();
  await eventually(turn);
  expect(await stateOf('second')).toBe('leased');
  await turn();
  expect(await stateOf('second')).toBe('ready');
});
