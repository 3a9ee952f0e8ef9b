import { newMessageId } from '@mysmtp/contracts';
import { createGate } from '@mysmtp/erasure';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, type PeerScript } from '@mysmtp/test-kit';
import type { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { shelfModel, type ShelfDocument, type ShelfModel } from '../src/shelf/document.ts';
import { createDueSlots } from '../src/shelf/due-slots.ts';
import { firstSlotOf, slotOf } from '../src/shelf/slots.ts';
import { createShelf } from '../src/shelf/store.ts';
import { createUpkeep } from '../src/shelf/upkeep.ts';
import { newDocument } from './documents.ts';
import { newMail } from './mail.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorld, tenant, type World } from './world.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let world: World;
let model: ShelfModel;
beforeAll(async () => {
  world = await startWorld();
  model = shelfModel(world.connection);
  await model.init();
});
afterAll(() => world.close());

let stage: Stage;
beforeEach(() => {
  stage = openStage(world);
});
afterEach(async () => {
  await stage.cleanup.disposeAsync();
  await shelf().deleteMany({});
});

/** Nobody is fenced. */
const tenants = createTenants(
  createGate(() => true),
  (name) => ({ tenant: name }),
);

const shelf = () => model.collection as unknown as mongo.Collection<ShelfDocument>;

/** A receiver that defers everything until it is told otherwise. */
function deferring(): PeerScript & { defers: boolean } {
  const script = {
    defers: true,
    onRcpt: () => (script.defers ? ({ code: 450, text: '4.7.1 Later' } as const) : 'accept'),
  };
  return script;
}

test('what became due while nobody was here for three times its life expires with a report', async () => {
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

test('what is written only after its time has come is tried all the same', async () => {
  const script = deferring();
  const { service } = await stage.startWith(script);
  const ids = [await world.send(), await world.send()];
  for (const id of ids) expect(await stage.firstEvent(id)).toMatchObject({ status: 'deferred' });
  script.defers = false;
  const arrives = (id?: string) =>
    eventually(() => expect(world.eventsOf(id ?? '').at(-1)?.status).toBe('delivered'));
  const dueAt = (nextAt: number, _id?: string) =>
    shelf().updateOne(
      { _id: _id ?? '' },
      { $set: { nextAt, slot: slotOf(nextAt), 'recipients.0.dueAt': nextAt } },
    );

  // The shelf has been looked through up to now.
  await dueAt(Date.now() - minute, ids[0]);
  await arrives(ids[0]);
  // As by a process to which the database was away in between.
  await dueAt(Date.now() - 20 * minute, ids[1]);
  service.clock.ahead += minute;
  await arrives(ids[1]);
});

test('a slot with more than is taken at once is worked on to its end, a hundred at a time', async () => {
  const count = 250;
  const now = Date.now();
  const slot = firstSlotOf(now - 20 * minute);
  const mails = Array.from({ length: count }, (_, n) =>
    newMail(world.neighbours, { tenant, at: now - 30 * minute + n }),
  );
  const documents = mails.map(({ headers, content }) => {
    const times = { acceptedAt: now - 30 * minute, nextAt: now - 20 * minute, expiry: day };
    return { ...newDocument(headers, content, times), slot };
  });
  await shelf().insertMany(documents);
  const some = await createShelf(model, tenants).claimSlot(slot, 'another');
  expect(some).toHaveLength(100);
  await shelf().updateMany({ claim: 'another' }, { $set: { state: 'ready' } });

  const { peer } = await stage.startWith({});
  // Nobody looks back a second time so soon.
  await eventually(() => expect(peer.received).toHaveLength(count), { timeout: 20_000 });
});

test('the age of the shelf is that of the oldest, however old it is', async () => {
  const at = Date.now() - 40 * day;
  const times = { acceptedAt: at, nextAt: at, expiry: 50 * day };
  const header = { id: newMessageId(at), tenant, kind: 'message' } as const;
  const parked = newDocument(header, Buffer.from('sealed'), times);
  await shelf().insertOne({ ...parked, state: 'held', slot: slotOf(parked.expiresAt) });
  const { service } = await stage.startWith({}, { expiry: 4 * hour });
  const age = 'mysmtp_oldest_personal_record_age_seconds';
  await eventually(async () => {
    const seconds = await service.metric(age, { store: 'delivery.shelf' });
    expect((seconds * 1_000) / day).toBeCloseTo(40, 1);
  });
});

test('tombstones go when their time is over, long ago or just before the last sweep', async () => {
  const upkeep = createUpkeep(model, world.connection, minute);
  const now = Date.now();
  const put = async (until: number): Promise<string> => {
    const tombstone = { _id: newMessageId(until), state: 'finished', slot: slotOf(until) };
    await shelf().insertOne(tombstone as ShelfDocument);
    return tombstone._id;
  };
  await put(now - 40 * day);
  await put(now - 25 * day);
  const young = await put(now + 90 * minute);
  expect(await upkeep.sweepTombstones(now)).toBe(2);
  await put(now - minute);
  expect(await upkeep.sweepTombstones(now + hour)).toBe(1);
  expect((await world.shelf()).map(({ _id }) => _id)).toEqual([young]);
});

test('a backlog of so many due slots that no call takes them as arguments is found', async () => {
  const now = Date.now();
  const last = firstSlotOf(now - minute);
  const count = 150_000;
  for (let done = 0; done < count; done += 10_000) {
    const some = Array.from({ length: 10_000 }, (_, n) => {
      const number = done + n;
      return { _id: String(number), state: 'ready', slot: last - number } as ShelfDocument;
    });
    await shelf().insertMany(some, { ordered: false });
  }
  const due = createDueSlots(createShelf(model, tenants), { now: () => now });
  const found = new Set<number>();
  for (let slot = await due.next(); slot !== undefined; slot = await due.next()) found.add(slot);
  expect(found.size).toBe(count);
}, 120_000);
