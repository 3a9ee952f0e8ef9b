import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection, type Model } from 'mongoose';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { watchAuditHeads } from '../src/jobs/audit-heads.ts';
import { keepHead, openAuditHeadModel, type AuditHeadDocument } from '../src/audit-heads/heads.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
const minute = 60_000;
const day = 86_400_000;

let database: TestDatabase;
let connection: Connection;
let heads: Model<AuditHeadDocument>;

beforeAll(async () => {
  database = await freshDatabase();
  connection = await mongoose.createConnection(database.url).asPromise();
  heads = await openAuditHeadModel(connection);
});
beforeEach(() => heads.deleteMany({}));
afterAll(async () => {
  await connection.close();
  await database.close();
});

const keep = (seq: number, digest: string, at: number) =>
  keepHead(heads, { v: 1, seq, time: at, digest }, { at, jws: `jws of ${String(seq)}` });

test('heads that go on are kept, also the same one again', async () => {
  expect(await keep(3, 'c', noon)).toBe('kept');
  expect(await keep(3, 'c', noon + 5 * minute)).toBe('known');
  expect(await keep(7, 'g', noon + 10 * minute)).toBe('kept');
  const kept = await heads.find().sort({ _id: 1 }).lean();
  expect(kept.map(({ _id, signedAt }) => [_id, signedAt.getTime() - noon])).toEqual([
    [3, 5 * minute],
    [7, 10 * minute],
  ]);
});

test('a head that goes back is refused: the chain was cut', async () => {
  await keep(7, 'g', noon);
  expect(await keep(5, 'e', noon + 5 * minute)).toBe('refused');
  expect(await heads.countDocuments()).toBe(1);
});

test('a head with the number of a kept one and another digest is refused: the chain was rewritten', async () => {
  await keep(7, 'g', noon);
  expect(await keep(7, 'other', noon + 5 * minute)).toBe('refused');
  expect((await heads.findById(7).lean())?.digest).toBe('g');
});

test('the slower of two processes that sign at the same time is no attack', async () => {
  await keep(7, 'g', noon);
  expect(await keep(6, 'f', noon - 20)).toBe('superseded');
  const both = await Promise.all([keep(9, 'i', noon + minute), keep(9, 'i', noon + minute)]);
  expect(both.every((result) => result === 'kept' || result === 'known')).toBe(true);
});

test('heads are deleted after 12 months, the newest is kept, and its age is shown', async () => {
  const clock = { time: noon, now: () => clock.time };
  const metrics = new Registry();
  const watch = watchAuditHeads({ heads, clock, metrics });
  const age = async () =>
    (await metrics.getSingleMetric('mysmtp_audit_head_age_seconds')?.get())?.values[0]?.value;
  clock.time += 20 * minute;
  await watch();
  expect(await age()).toBe(20 * 60);
  await keep(1, 'a', noon);
  await keep(2, 'b', noon + day);
  clock.time = noon + 366 * day;
  await watch();
  expect(await heads.countDocuments()).toBe(2);
  clock.time += 2 * day;
  await watch();
  expect((await heads.find().lean()).map(({ _id }) => _id)).toEqual([2]);
  expect(await age()).toBe((367 * day) / 1_000);
});
