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
import { lostClaims } from '../src/jobs/lost-claims.ts';
import { shelfModel, type ShelfModel } from '../src/shelf/document.ts';
import { newDocument } from './documents.ts';
import { timeOfSlot } from '../src/shelf/slots.ts';
import { createUpkeep } from '../src/shelf/upkeep.ts';

const lease = 60_000;

let database: TestDatabase;
let proxy: Proxy;
let behind: Connection;
let shelf: ShelfModel;
let turn: () => Promise<void>;
beforeEach(async () => {
  database = await freshDatabase();
  proxy = await proxyTo(database.url);
  behind = mongoose.createConnection(proxy.url, { serverSelectionTimeoutMS: 500 });
  shelf = shelfModel(mongoose.createConnection(database.url));
  turn = lostClaims({
    upkeep: createUpkeep(shelfModel(behind), behind, lease),
    ours: /^ours:/,
    clock: systemClock,
    log: createLogger('delivery', 'error', { write: () => undefined }),
  });
});
afterEach(async () => {
  await behind.close();
  await proxy.close();
  await shelf.db.close();
  await database.close();
});

/** What a process claimed and has not renewed for longer than a lease. */
async function overdue(id: string, claim = 'of another:1'): Promise<void> {
  const now = Date.now();
  const header = { id, tenant: 'tenant', kind: 'message' } as const;
  const times = { acceptedAt: now, nextAt: now, expiry: 1 };
  const document = newDocument(header, Buffer.from('sealed'), times);
  const claimedAt = new Date(now - 2 * lease);
  await shelf.create({ ...document, state: 'claimed', claim, claimedAt });
}

const stateOf = async (id: string) => (await shelf.findById(id).lean())?.state;

test('what another process holds is not taken at the start: it may just be about to renew', async () => {
  await overdue('first');
  await turn();
  expect(await stateOf('first')).toBe('claimed');
  await turn();
  expect(await stateOf('first')).toBe('ready');
});

test('what this process has in hand is never lost, however long it could not renew', async () => {
  await turn();
  await overdue('held', 'ours:1');
  await overdue('lost');
  await turn();
  expect(await stateOf('held')).toBe('claimed');
  expect(await stateOf('lost')).toBe('ready');
});

test('a suspect that is lost again waits a moment, any other message is due at once', async () => {
  await turn();
  await overdue('innocent');
  await overdue('suspect');
  await shelf.updateOne({ _id: 'suspect' }, { handlings: 2 });
  const now = Date.now();
  await createUpkeep(shelf, shelf.db, 5_000).releaseLost(now, /^ours:/);
  const slotOf = async (id: string) => (await shelf.findById(id).lean())?.slot ?? 0;
  expect(timeOfSlot(await slotOf('innocent'))).toBeLessThanOrEqual(now);
  expect(timeOfSlot(await slotOf('suspect')) - now).toBeGreaterThan(8_000);
});

test('a database that is away fails every turn, and takes nothing from anybody when it is back', async () => {
  await turn();
  proxy.cut();
  await expect(turn()).rejects.toThrow();
  await expect(turn()).rejects.toThrow();
  await overdue('second');
  proxy.mend();
  await eventually(turn);
  expect(await stateOf('second')).toBe('claimed');
  await turn();
  expect(await stateOf('second')).toBe('ready');
});
