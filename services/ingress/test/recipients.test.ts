import { createSecretKey, randomUUID } from 'node:crypto';
import { day } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { blindIndex } from '@mysmtp/seal';
import { createTenants } from '@mysmtp/tenancy';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createRecipientStore,
  openRecipientCollection,
  type RecipientStore,
} from '../src/recipients/recipient-store.ts';
import { createRecipients, type Recipients } from '../src/recipients/recipients.ts';
import { emptySketch, estimate } from '../src/recipients/sketch.ts';

const today = Date.UTC(2026, 10, 30);
const key = createSecretKey(Buffer.alloc(32, 3));

let database: TestDatabase;
let connection: mongoose.Connection;
let store: RecipientStore;
let guard: ReturnType<typeof createTenantGuard>;
let now: number;
let sender: { tenant: string; credential: string };
/** By each process. */
let found: string[];

beforeAll(async () => {
  database = await freshDatabase();
  connection = await mongoose.createConnection(database.url).asPromise();
  store = createRecipientStore(await openRecipientCollection(connection));
});
afterAll(async () => {
  await connection.close();
  await database.close();
});
beforeEach(async () => {
  guard = createTenantGuard(() => true);
  now = today;
  sender = { tenant: randomUUID(), credential: randomUUID() };
  found = [];
  const usual = { ...sender, start: today - day, since: today - 9 * day, first: 20 };
  await store.write([{ ...usual, sketch: emptySketch() }]);
});

/** As in one process of ingress. */
const start = (): Recipients =>
  createRecipients({
    store,
    tenants: createTenants(guard, (tenant) => ({ tenant })),
    clock: { now: () => now },
    unusual: async ({ credential }) => void found.push(credential),
  });

/** A message to the recipients from this number to that one. */
const send = (process: Recipients, from: number, to: number): void =>
  process.add(
    sender,
    Array.from({ length: to - from }, (_, n) => blindIndex(key, String(from + n))),
  );

const stored = async () => {
  const { credential } = sender;
  const [one] = await store.find([{ credential, start: now - (now % day) }]);
  return one === undefined ? undefined : Math.round(estimate(one.sketch));
};

test('what two processes have seen is put together, whoever writes last', async () => {
  const [one, two] = [start(), start()];
  send(one, 0, 80);
  send(two, 80, 160);
  // At the first time one of them may read before the other one has written, and overwrite it.
  for (let times = 0; times < 3; times += 1) await Promise.all([one.sync(), two.sync()]);
  expect(await stored()).toBeGreaterThan(150);
  expect(new Set(found)).toEqual(new Set([sender.credential]));
});

test('a process that starts later goes on with what is stored, and changes nothing without a new recipient', async () => {
  const one = start();
  send(one, 0, 80);
  await one.sync();
  const two = start();
  send(two, 0, 10);
  await two.sync();
  await two.sync();
  const before = await stored();
  expect(before).toBeGreaterThan(70);
  expect(found).toEqual([]);
  send(two, 80, 160);
  await two.sync();
  expect(found).toEqual([sender.credential]);
  expect(await stored()).toBeGreaterThan(150);
});

test('the last recipients of a day are known on the next one, and are not first-time recipients then', async () => {
  const one = start();
  send(one, 0, 90);
  await one.sync();
  send(one, 90, 99);
  now += day;
  send(one, 0, 99);
  send(one, 200, 260);
  await one.sync();
  await one.sync();
  const { credential } = sender;
  const [yesterday] = await store.find([{ credential, start: today }]);
  expect(Math.round(estimate(yesterday?.sketch ?? emptySketch()))).toBeGreaterThan(90);
  expect((await store.find([{ credential, start: today + day }]))[0]?.first).toBeLessThan(70);
  expect(found).toEqual([]);
});

test('nothing is written of a fenced tenant, and that of others is', async () => {
  const one = start();
  send(one, 0, 10);
  const { tenant } = sender;
  sender = { tenant: randomUUID(), credential: randomUUID() };
  send(one, 0, 10);
  const other = sender.credential;
  await guard.apply({ erasure: 'erasure-1', subject: { kind: 'tenant', tenant } });
  await one.sync();
  expect(await store.removeOf(tenant)).toBe(1);
  expect(await store.find([{ credential: other, start: today }])).toHaveLength(1);
});
