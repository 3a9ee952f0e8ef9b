import { newMessageId } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, type PeerScript } from '@mysmtp/test-kit';
import type { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import {
  deferredModel,
  type DeferredDocument,
  type DeferredModel,
} from '../src/deferred/document.ts';
import { createDueBuckets } from '../src/deferred/due-buckets.ts';
import { firstBucketOf, bucketOf } from '../src/deferred/buckets.ts';
import { createDeferredStore } from '../src/deferred/store.ts';
import { createMaintenance } from '../src/deferred/maintenance.ts';
import { newDocument } from './documents.ts';
import { newMail } from './mail.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorld, tenant, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let world: World;
let model: DeferredModel;
beforeAll(async () => {
  world = await startWorld();
  model = deferredModel(world.connection);
  await model.init();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await deferred().deleteMany({});
});

/** No tenant is fenced. */
const tenants = createTenants(
  createTenantGuard(() => true),
  (name) => ({ tenant: name }),
);

const deferred = () => model.collection as unknown as mongo.Collection<DeferredDocument>;

/** A receiver that defers everything until the test changes this. */
function deferring(): PeerScript & { defers: boolean } {
  const script = {
    defers: true,
    onRcpt: () => (script.defers ? ({ code: 450, text: '4.7.1 Later' } as const) : 'accept'),
  };
  return script;
}

test('mail that became due while delivery was stopped for three times its life expires with a DSN', async () => {
  const script = deferring();
  const config = { expiry: 4 * hour };
  const { peer, service } = await stage.startWith(script, config);
  const id = await world.send();
  expect(await stage.firstEvent(id)).toMatchObject({ status: 'deferred' });
  await service.close();
  script.defers = false;
  await stage.startAt(peer.port, config, { ahead: 13 * hour });
  await eventually(() => expect(world.eventsOf(id).at(-1)?.status).toBe('expired'));
  await eventually(() => expect(peer.received).toHaveLength(1));
  expect(peer.received[0]?.raw.toString()).toContain('Status: 5.4.7');
});

test('a message that is written after its due time is still attempted', async () => {
  const script = deferring();
  const { service } = await stage.startWith(script);
  const ids = [await world.send(), await world.send()];
  for (const id of ids) expect(await stage.firstEvent(id)).toMatchObject({ status: 'deferred' });
  script.defers = false;
  const arrives = (id?: string) =>
    eventually(() => expect(world.eventsOf(id ?? '').at(-1)?.status).toBe('delivered'));
  const dueAt = (nextAt: number, _id?: string) =>
    deferred().updateOne(
      { _id: _id ?? '' },
      { $set: { nextAt, bucket: bucketOf(nextAt), 'recipients.0.dueAt': nextAt } },
    );

  // The deferred queue was scanned up to now.
  await dueAt(Date.now() - minute, ids[0]);
  await arrives(ids[0]);
  // As by a process that could not reach the database meanwhile.
  await dueAt(Date.now() - 20 * minute, ids[1]);
  service.clock.ahead += minute;
  await arrives(ids[1]);
});

test('a bucket with more messages than one lease takes is emptied, a hundred at a time', async () => {
  const count = 250;
  const now = Date.now();
  const bucket = firstBucketOf(now - 20 * minute);
  const mails = Array.from({ length: count }, (_, n) =>
    newMail(world.neighbours, { tenant, at: now - 30 * minute + n }),
  );
  const documents = mails.map(({ headers, content }) => {
    const times = { acceptedAt: now - 30 * minute, nextAt: now - 20 * minute, expiry: day };
    return { ...newDocument(headers, content, times), bucket };
  });
  await deferred().insertMany(documents);
  const some = await createDeferredStore(model, tenants).leaseBucket(bucket, 'another');
  expect(some).toHaveLength(100);
  await deferred().updateMany({ lease: 'another' }, { $set: { state: 'ready' } });

  const { peer } = await stage.startWith({});
  // The next search for the oldest bucket is later.
  await eventually(() => expect(peer.received).toHaveLength(count), { timeout: 20_000 });
});

test('the age of the deferred queue is that of its oldest message, at any age', async () => {
  const at = Date.now() - 40 * day;
  const times = { acceptedAt: at, nextAt: at, expiry: 50 * day };
  const header = { id: newMessageId(at), tenant, kind: 'message' } as const;
  const heldDocument = newDocument(header, Buffer.from('sealed'), times);
  await deferred().insertOne({
    ...heldDocument,
    state: 'held',
    bucket: bucketOf(heldDocument.expiresAt),
  });
  const { service } = await stage.startWith({}, { expiry: 4 * hour });
  const age = 'mysmtp_oldest_personal_record_age_seconds';
  await eventually(async () => {
    const seconds = await service.metric(age, { store: 'delivery.deferred' });
    expect((seconds * 1_000) / day).toBeCloseTo(40, 1);
  });
});

test('tombstones that expired long ago or just before the last sweep are removed', async () => {
  const maintenance = createMaintenance(model, world.connection, {
    lease: minute,
    crashPause: minute,
  });
  const now = Date.now();
  const put = async (until: number): Promise<string> => {
    const tombstone = { _id: newMessageId(until), state: 'finished', bucket: bucketOf(until) };
    await deferred().insertOne(tombstone as DeferredDocument);
    return tombstone._id;
  };
  await put(now - 40 * day);
  await put(now - 25 * day);
  const young = await put(now + 90 * minute);
  expect(await maintenance.sweepTombstones(now)).toBe(2);
  await put(now - minute);
  expect(await maintenance.sweepTombstones(now + hour)).toBe(1);
  expect((await world.deferred()).map(({ _id }) => _id)).toEqual([young]);
});

test('a queue that is empty or has only young documents costs few queries, not one for each hour', async () => {
  const maintenance = createMaintenance(model, world.connection, {
    lease: minute,
    crashPause: minute,
  });
  const [searches, removals] = [
    vi.spyOn(model.collection, 'findOne'),
    vi.spyOn(model.collection, 'deleteMany'),
  ];
  const now = Date.now();
  const maintain = async () => [
    await maintenance.oldest(0, now),
    await maintenance.sweepTombstones(now),
  ];
  expect(await maintain()).toEqual([undefined, 0]);
  const times = { acceptedAt: now - minute, nextAt: now, expiry: day };
  const header = { id: newMessageId(now - minute), tenant, kind: 'message' } as const;
  await deferred().insertOne(newDocument(header, Buffer.from('sealed'), times));
  expect(await maintain()).toEqual([times.acceptedAt, 0]);
  expect(searches.mock.calls.length).toBeLessThan(10);
  expect(removals.mock.calls.length).toBeLessThan(5);
  vi.restoreAllMocks();
});

test('a backlog with more due buckets than a call can have arguments is found', async () => {
  const now = Date.now();
  const last = firstBucketOf(now - minute);
  const count = 150_000;
  for (let done = 0; done < count; done += 10_000) {
    const some = Array.from({ length: 10_000 }, (_, n) => {
      const number = done + n;
      return { _id: String(number), state: 'ready', bucket: last - number } as DeferredDocument;
    });
    await deferred().insertMany(some, { ordered: false });
  }
  const due = createDueBuckets(createDeferredStore(model, tenants), { now: () => now });
  const found = new Set<number>();
  for (let bucket = await due.next(); bucket !== undefined; bucket = await due.next())
    found.add(bucket);
  expect(found.size).toBe(count);
}, 120_000);
