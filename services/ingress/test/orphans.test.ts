import { dayKeyId, newMessageId } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient, ObjectId } from 'mongodb';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SpoolFile, SpoolState } from '../src/spool/collections.ts';
import { openWorld, type World } from './support/world.ts';

const hour = 3_600_000;
const day = 24 * hour;
const tenant = 'tenant-1';

let world: World;
let mongo: MongoClient;
beforeAll(async () => {
  world = await openWorld();
  mongo = new MongoClient(world.database.url);
});
afterAll(async () => {
  await mongo.close();
  await world.close();
});
afterEach(async () => {
  await files().deleteMany({});
  await chunks().deleteMany({});
  world.neighbours.destroyed.clear();
  world.neighbours.keyState = 'active';
  world.neighbours.away.delete('keys');
});

const files = () => mongo.db().collection<SpoolFile>('spool.files');
const chunks = () => mongo.db().collection('spool.chunks');

const chunkOf = (id: string) => ({
  _id: new ObjectId(),
  files_id: id,
  tenant,
  n: 0,
  data: Buffer.from('sealed'),
});

/** Stores a message of this age in the spool; returns its id. */
async function put(age: number, state: SpoolState = 'publishing'): Promise<string> {
  const at = Date.now() - age;
  const id = newMessageId(at);
  await files().insertOne({
    _id: id,
    uploadDate: new Date(at),
    length: 6,
    chunkSize: 6,
    metadata: { tenant, state },
  });
  await chunks().insertOne(chunkOf(id));
  return id;
}

const mailKeyOf = (age: number) => dayKeyId('mail', Date.now() - age);
const eventsKeyOf = (age: number) => dayKeyId('events', Date.now() - age);

async function age(store: string): Promise<number> {
  const text = await world.metric('mysmtp_oldest_personal_record_age_seconds');
  const [, seconds] = new RegExp(`store="${store}"\\} (\\S+)`).exec(text) ?? [];
  return Number(seconds) * 1_000;
}

/** The job runs at every start and is done when the age gauge is set. Returns the remaining messages. */
async function afterTheJob(): Promise<string[]> {
  await world.stop();
  await world.start();
  await eventually(async () => expect(await age('ingress.spool.chunks')).toBeGreaterThanOrEqual(0));
  const left = await files().find().toArray();
  expect(await chunks().distinct('files_id')).toEqual(left.map(({ _id }) => _id).toSorted());
  return left.map(({ _id }) => _id);
}

test('a message that was interrupted an hour ago is removed, one that is being written stays', async () => {
  const writing = await put(0.5 * hour, 'writing');
  await put(1.1 * hour, 'writing');
  await put(9 * day, 'writing');
  expect(await afterTheJob()).toEqual([writing]);
});

test('a published message past its retention is removed only if its key is destroyed', async () => {
  const [old, older, oldest] = [7.1 * day, 8.5 * day, 30 * day];
  const waits = await put(6.9 * day);
  const alive = await put(older);
  await put(old);
  await put(oldest);
  for (const past of [old, oldest]) world.neighbours.destroyed.add(mailKeyOf(past));
  // The events key of a day is destroyed before the mail key, which undelivered mail needs.
  world.neighbours.destroyed.add(eventsKeyOf(older));
  expect((await afterTheJob()).toSorted()).toEqual([alive, waits]);
  // The message is too old, and the gauge shows this.
  expect((await age('ingress.spool.files')) / older).toBeCloseTo(1, 2);

  world.neighbours.destroyed.add(mailKeyOf(older));
  expect(await afterTheJob()).toEqual([waits]);
});

test('while privacy is unreachable no message is removed whose key may exist', async () => {
  const id = await put(8 * day);
  world.neighbours.destroyed.add(mailKeyOf(8 * day));
  world.neighbours.away.add('keys');
  expect(await afterTheJob()).toEqual([id]);
  world.neighbours.away.delete('keys');
  expect(await afterTheJob()).toEqual([]);
});

test('a message of a fenced tenant waits for the purge, one of an erased tenant has no key', async () => {
  const id = await put(8 * day);
  world.neighbours.keyState = 'fenced';
  expect(await afterTheJob()).toEqual([id]);
  world.neighbours.keyState = 'erased';
  expect(await afterTheJob()).toEqual([]);
});

test('many messages, of which some are removed: all are checked', async () => {
  const kept = await Promise.all(Array.from({ length: 600 }, () => put(9 * day)));
  await Promise.all(Array.from({ length: 600 }, () => put(8 * day)));
  world.neighbours.destroyed.add(mailKeyOf(8 * day));
  expect((await afterTheJob()).toSorted()).toEqual(kept.toSorted());
});

test('a chunk without a file is removed after its retention', async () => {
  const kept = await put(8 * day);
  const strays = Array.from({ length: 600 }, () => chunkOf(newMessageId(Date.now() - 7.1 * day)));
  const young = chunkOf(newMessageId(Date.now() - hour));
  await chunks().insertMany([...strays, young]);
  await world.stop();
  await world.start();
  await eventually(async () =>
    expect(await chunks().distinct('files_id')).toEqual([kept, young.files_id]),
  );
});
