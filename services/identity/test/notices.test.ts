import { randomUUID } from 'node:crypto';
import { day, hour, minute, operatorRealm } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import * as scheduler from '@mysmtp/service';
import { eventually, watchPacedJobs } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { submitNotices } from '../src/jobs/submit-notices.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

type Rooms = Awaited<ReturnType<typeof openRooms>>;

const opened = new AsyncDisposableStack();
const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
let world: World;
/** A process that keeps notices and submits them only when it is told to. */
let rooms: Rooms;
let tenant = '';

beforeAll(async () => {
  world = opened.use(await openWorld());
  rooms = opened.use(await openRooms(world, undefined, clock));
  const { stores } = rooms;
  const { tenant: made } = await stores.tenants.register(tester, {
    name: 'Customer',
    domain: 'customer.example',
  });
  tenant = made.id;
});
afterAll(() => opened.disposeAsync());
afterEach(async () => {
  await readDatabase(world.mongodbUrl, (db) => db.collection('notices').deleteMany());
  Object.assign(world.ingress, { state: 'up' });
  world.ingress.submitted.length = 0;
  clock.ahead = 0;
});

const address = 'jane.doe@example.org';
const quota = () =>
  rooms.stores.notices.send(tenant, address, 'quota-80', { quota: 'messages', until: Date.now() });
const kept = () =>
  readDatabase(world.mongodbUrl, (db) => db.collection('notices').find().toArray());
const ids = () => world.ingress.submitted.map(({ id }) => id);
const submitDue = () => rooms.stores.notices.submitDue();

test('a notice that a process has kept before it ended is sent by another one, once', async () => {
  {
    await using lost = await openRooms(world);
    await lost.stores.notices.send(tenant, address, 'quota-80', {
      quota: 'messages per day',
      until: Date.now(),
    });
  }
  const [notice] = await kept();
  expect(Object.keys(notice ?? {}).sort()).toEqual(
    ['_id', 'attempts', 'content', 'createdAt', 'dueAt', 'tenant'].sort(),
  );
  expect(JSON.stringify(notice)).not.toMatch(/jane|messages per day/);
  await using identity = await startIdentity(world);
  await eventually(async () => expect(await kept()).toEqual([]));
  expect(world.ingress.submitted).toEqual([
    {
      id: notice?._id,
      tenant,
      from: 'notices@example.org',
      to: address,
      subject: '80 % of a quota are used',
      text: expect.stringContaining('messages per day') as unknown,
    },
  ]);
  await eventually(() => expect(identity.lines.join('')).toContain('notice.submitted'));
  expect(identity.lines.join('')).not.toContain('jane');
});

test('a new notice wakes the idle job of its process', async () => {
  using jobs = watchPacedJobs(scheduler);
  await using running = new AsyncDisposableStack();
  const log = createLogger('identity', 'error');
  const { notices } = rooms.stores;
  running.adopt(submitNotices({ notices, clock, log, metrics: new Registry() }), (job) =>
    job.stop(),
  );
  await jobs.whileIdle('submit-notices', async () => {
    await quota();
    await eventually(() => expect(ids()).toHaveLength(1));
  });
});

test('while ingress is away a notice is retried, less and less often', async () => {
  world.ingress.state = 'away';
  await quota();
  await submitDue();
  await submitDue();
  expect(await kept()).toMatchObject([{ attempts: 1 }]);
  clock.ahead = 15_000;
  await submitDue();
  expect(await kept()).toMatchObject([{ attempts: 2 }]);
  // The second pause is longer than the first.
  clock.ahead += 15_000;
  await submitDue();
  expect(await kept()).toMatchObject([{ attempts: 2 }]);
  world.ingress.state = 'up';
  clock.ahead += minute;
  await submitDue();
  expect(await kept()).toEqual([]);
  expect(ids()).toHaveLength(1);
});

test('if the answer of ingress is lost, the notice is submitted again under the same id', async () => {
  world.ingress.state = 'silent';
  await quota();
  await submitDue();
  world.ingress.state = 'up';
  clock.ahead = hour;
  await submitDue();
  expect(ids()).toHaveLength(2);
  expect(new Set(ids()).size).toBe(1);
  expect(await kept()).toEqual([]);
});

test('a notice that ingress refuses for ever, or for three days, is dropped with a log line', async () => {
  world.ingress.state = 'refusing';
  await quota();
  await submitDue();
  expect(await kept()).toEqual([]);
  world.ingress.state = 'away';
  await quota();
  clock.ahead = 3 * day - minute;
  await submitDue();
  expect(await kept()).toHaveLength(1);
  clock.ahead = 3 * day + minute;
  await submitDue();
  expect(await kept()).toEqual([]);
  expect(rooms.lines.join('')).toContain('notices.dropped');
});

test('of two processes one submits a notice', async () => {
  await using other = await openRooms(world, undefined, clock);
  for (let count = 0; count < 10; count += 1) await quota();
  await Promise.all([submitDue(), other.stores.notices.submitDue()]);
  await submitDue();
  expect(new Set(ids()).size).toBe(10);
  expect(ids()).toHaveLength(10);
});

test('a notice to an operator belongs to the realm of operators', async () => {
  const values = { at: 0, device: 'a browser' };
  await rooms.stores.notices.send(null, 'operator@example.org', 'new-device', values);
  await submitDue();
  expect(world.ingress.submitted).toMatchObject([{ tenant: operatorRealm }]);
});

test('the purge of a tenant deletes its notices and its canary, and no others', async () => {
  const { notices, tenants } = rooms.stores;
  const other = randomUUID();
  await tenants.plant(tester, other);
  await notices.plant(other);
  await notices.send(other, address, 'quota-80', { quota: 'messages', until: Date.now() });
  await quota();
  expect(await notices.purge(other)).toBe(2);
  expect(await kept()).toMatchObject([{ tenant }]);
});

test('a canary is never sent', async () => {
  await rooms.stores.notices.plant(tenant);
  clock.ahead = hour;
  await submitDue();
  expect(ids()).toEqual([]);
  expect(await kept()).toHaveLength(1);
});

test('Processor terms (28): the owners of every tenant are told once of announced documents, by one of two processes', async () => {
  const { stores } = rooms;
  await using other = await openRooms(world);
  const [owner, another] = ['o@announced.example', 'o@told.example'];
  for (const address of [owner, another]) {
    const domain = address.slice(2);
    await stores.tenants.register(tester, { name: domain, domain, owner: address });
  }
  const page = 'https://privacy.example.org/v1/notice?edition=2';
  const announcement = { edition: 2, effectiveAt: Date.parse('2027-01-01T00:00:00Z'), page };
  const processes = [stores, other.stores, stores];
  await Promise.all(processes.map((one) => one.noticeAnnouncement(announcement)));
  await stores.noticeAnnouncement(announcement);
  await submitDue();
  const told = world.ingress.submitted.filter(({ text }) => text.includes(page));
  expect(told.map(({ to }) => to).toSorted()).toEqual([owner, another].toSorted());
  expect(told[0]?.text).toContain('2027-01-01 00:00 UTC');
  const marks = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tenants').distinct('toldEdition'),
  );
  expect(marks).toEqual([2]);
  await stores.noticeAnnouncement({ ...announcement, edition: 3 });
  expect(await kept()).toHaveLength(2);
});
