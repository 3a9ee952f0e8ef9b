import { openBroker, openControl } from '@mysmtp/broker';
import { broadcasts, type IdentityChange } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import * as scheduler from '@mysmtp/service';
import { eventually, proxyTo, watchPacedJobs } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sweepOutbox } from '../src/jobs/sweep-outbox.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let world: World;
let verified: IdentityChange[] = [];

beforeAll(async () => {
  world = opened.use(await openWorld());
  const signed = await world.serviceKeys.as('ingress');
  const bound = Promise.withResolvers<void>();
  const log = createLogger('ingress', 'error');
  const broker = openBroker({ url: world.broker.url, service: 'ingress', log });
  opened.defer(() => broker.close());
  const control = openControl(broker);
  opened.defer(() => control.close());
  control.subscribe({
    bindings: broadcasts.changes(['tenant', 'domain', 'credential', 'token']),
    onBound: () => bound.resolve(),
    async handle({ content }) {
      const message = await signed.verify('identityChange', content);
      if ('payload' in message) verified.push(message.payload);
    },
  });
  await bound.promise;
});

afterAll(() => opened.disposeAsync());

beforeEach(() => {
  verified = [];
});

/** Stores whose broker has just gone down: the lease of the tenant guard is not over yet. */
async function openCutOff() {
  await using resources = new AsyncDisposableStack();
  const proxy = resources.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const { stores, lines } = resources.use(await openRooms(world, proxy.url));
  proxy.cut();
  const cutOff = resources.move();
  return {
    stores,
    lines,
    mend: () => proxy.mend(),
    [Symbol.asyncDispose]: () => cutOff.disposeAsync(),
  };
}

const waiting = () =>
  readDatabase(world.mongodbUrl, async (db) => {
    let count = 0;
    for (const collection of await db.collections()) {
      count += await collection.countDocuments({ pendingSince: { $exists: true } });
    }
    return count;
  });

test('a change is published before its request is answered, with the next version', async () => {
  await using rooms = await openRooms(world);
  const { stores } = rooms;
  await eventually(async () => {
    await stores.tokens.create(tester, { role: 'operator', tenant: null });
    expect(verified.length).toBeGreaterThan(0);
  });
  const { tenant } = await stores.tenants.register(tester, { name: 'T', domain: 't.example' });
  const [domain] = await stores.domains.list(tenant.id);
  await stores.domains.setSigning(tester, domain!.id, 'customer');
  await stores.domains.remove(tester, domain!.id);
  await eventually(() => {
    const published = verified.filter(({ id }) => id === domain!.id);
    expect(published.map(({ version, state }) => [version, state])).toEqual([
      [1, expect.objectContaining({ tenant: tenant.id, signing: 'ours' })],
      [2, expect.objectContaining({ signing: 'customer' })],
      [3, null],
    ]);
  });
  await eventually(async () => expect(await waiting()).toBe(0));
});

test('a change from while the broker was down is published by any later process', async () => {
  let id: string;
  {
    await using cutOff = await openCutOff();
    const made = await cutOff.stores.tenants.register(tester, {
      name: 'Cut off',
      domain: 'cut.example',
    });
    id = made.tenant.id;
    expect(await cutOff.stores.outbox.sweep()).toMatchObject({ waiting: 4 });
  }
  expect(verified).toEqual([]);
  // The process ends as if killed. Only the marks in its documents are left.
  expect(await waiting()).toBe(4);
  await using running = await startIdentity(world);
  await eventually(() => {
    expect(verified.map(({ entity }) => entity).sort()).toEqual([
      'credential',
      'domain',
      'tenant',
      'token',
    ]);
    expect(verified.find(({ entity }) => entity === 'tenant')?.id).toBe(id);
  });
  await eventually(async () => {
    expect(await waiting()).toBe(0);
    expect(await running.metrics.metrics()).toMatch(/outbox_waiting 0/);
  });
});

test('a confirm removes the mark of the published version, not of a newer one', async () => {
  await using rooms = await openCutOff();
  const { stores } = rooms;
  const { id } = await stores.tokens.create(tester, { role: 'operator', tenant: null });
  const entity = stores.entities.find(({ name }) => name === 'token');
  const older = await entity!.collection.findOne({ _id: id });
  await stores.tokens.revoke(tester, id);

  await using online = await openRooms(world);
  await eventually(async () => {
    await online.stores.outbox.publish(entity!, older!);
    expect(verified.some((change) => change.id === id && change.version === 1)).toBe(true);
  });
  expect(await entity!.collection.findOne({ _id: id })).toMatchObject({
    version: 2,
    deleted: true,
    pendingSince: expect.any(Number),
  });
  await online.stores.outbox.sweep();
  await eventually(() => expect(verified.at(-1)).toMatchObject({ id, version: 2, state: null }));
  expect(await entity!.collection.findOne({ _id: id })).toEqual({
    _id: id,
    version: 2,
    deleted: true,
  });
});

test('a change that its process could not publish wakes the idle job of that process', async () => {
  using jobs = watchPacedJobs(scheduler);
  await using rooms = await openCutOff();
  await using running = new AsyncDisposableStack();
  const { outbox, tokens } = rooms.stores;
  const log = createLogger('identity', 'error');
  const deps = { outbox, clock: scheduler.systemClock, log, metrics: new Registry() };
  running.adopt(sweepOutbox(deps), (job) => job.stop());
  await jobs.whileIdle('sweep-outbox', async () => {
    const { id } = await tokens.create(tester, { role: 'operator', tenant: null });
    await eventually(() => expect(rooms.lines.join('')).toContain('outbox.publish_failed'));
    rooms.mend();
    await eventually(() => expect(verified.map((change) => change.id)).toContain(id));
  });
});

test('a broken connection is restored by itself, and changes during that time are published', async () => {
  await using running = await startIdentity(world);
  await using rooms = await openCutOff();
  await world.broker.cutConnections();
  await eventually(() => expect(running.lines.join('')).toContain('broker.disconnected'));
  const { id } = await rooms.stores.tokens.create(tester, { role: 'operator', tenant: null });
  await eventually(() => expect(verified.map((change) => change.id)).toContain(id));
  await eventually(async () => expect(await waiting()).toBe(0));
});
