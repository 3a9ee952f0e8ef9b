import { openBroker, openControl } from '@mysmtp/broker';
import { broadcasts, type IdentityChange } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, proxyTo } from '@mysmtp/test-kit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let world: World;
let heard: IdentityChange[] = [];

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
      const message = await signed.hear('identityChange', content);
      if ('said' in message) heard.push(message.said);
    },
  });
  await bound.promise;
});

afterAll(() => opened.disposeAsync());

beforeEach(() => {
  heard = [];
});

/** Rooms whose broker has gone away, a moment ago: the gate's lease is not over yet. */
async function openCutOff() {
  await using resources = new AsyncDisposableStack();
  const proxy = resources.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const { nouns } = resources.use(await openRooms(world, proxy.url));
  proxy.cut();
  const cutOff = resources.move();
  return { nouns, [Symbol.asyncDispose]: () => cutOff.disposeAsync() };
}

const waiting = () =>
  readDatabase(world.mongodbUrl, async (db) => {
    let count = 0;
    for (const collection of await db.collections()) {
      count += await collection.countDocuments({ pendingSince: { $exists: true } });
    }
    return count;
  });

test('a change is told before its writer is answered, with the next version', async () => {
  await using rooms = await openRooms(world);
  const { nouns } = rooms;
  await eventually(async () => {
    await nouns.tokens.create(tester, { role: 'operator', tenant: null });
    expect(heard.length).toBeGreaterThan(0);
  });
  const { tenant } = await nouns.tenants.register(tester, { name: 'T', domain: 't.example' });
  const [domain] = await nouns.domains.list(tenant.id);
  await nouns.domains.setSigning(tester, domain!.id, 'customer');
  await nouns.domains.remove(tester, domain!.id);
  await eventually(() => {
    const told = heard.filter(({ id }) => id === domain!.id);
    expect(told.map(({ version, state }) => [version, state])).toEqual([
      [1, expect.objectContaining({ tenant: tenant.id, signing: 'ours' })],
      [2, expect.objectContaining({ signing: 'customer' })],
      [3, null],
    ]);
  });
  await eventually(async () => expect(await waiting()).toBe(0));
});

test('what was written while the broker was away is told by whoever runs later', async () => {
  let id: string;
  {
    await using cutOff = await openCutOff();
    const made = await cutOff.nouns.tenants.register(tester, {
      name: 'Cut off',
      domain: 'cut.example',
    });
    id = made.tenant.id;
    expect(await cutOff.nouns.outbox.sweep()).toMatchObject({ waiting: 4 });
  }
  expect(heard).toEqual([]);
  // The process is gone as if killed: all that is left of it are the marks in its documents.
  expect(await waiting()).toBe(4);
  await using running = await startIdentity(world);
  await eventually(() => {
    expect(heard.map(({ entity }) => entity).sort()).toEqual([
      'credential',
      'domain',
      'tenant',
      'token',
    ]);
    expect(heard.find(({ entity }) => entity === 'tenant')?.id).toBe(id);
  });
  await eventually(async () => {
    expect(await waiting()).toBe(0);
    expect(await running.metrics.metrics()).toMatch(/outbox_waiting 0/);
  });
});

test('a confirmation takes the mark from the version that was told, not from a newer one', async () => {
  await using rooms = await openCutOff();
  const { nouns } = rooms;
  const { id } = await nouns.tokens.create(tester, { role: 'operator', tenant: null });
  const entity = nouns.entities.find(({ name }) => name === 'token');
  const older = await entity!.collection.findOne({ _id: id });
  await nouns.tokens.revoke(tester, id);

  await using online = await openRooms(world);
  await eventually(async () => {
    await online.nouns.outbox.tell(entity!, older!);
    expect(heard.some((change) => change.id === id && change.version === 1)).toBe(true);
  });
  expect(await entity!.collection.findOne({ _id: id })).toMatchObject({
    version: 2,
    gone: true,
    pendingSince: expect.any(Number),
  });
  await online.nouns.outbox.sweep();
  await eventually(() => expect(heard.at(-1)).toMatchObject({ id, version: 2, state: null }));
  expect(await entity!.collection.findOne({ _id: id })).toEqual({
    _id: id,
    version: 2,
    gone: true,
  });
});

test('a broken connection comes back by itself, and what was changed meanwhile is told', async () => {
  await using running = await startIdentity(world);
  await using rooms = await openCutOff();
  await world.broker.cutConnections();
  await eventually(() => expect(running.lines.join('')).toContain('broker.disconnected'));
  const { id } = await rooms.nouns.tokens.create(tester, { role: 'operator', tenant: null });
  await eventually(() => expect(heard.map((change) => change.id)).toContain(id));
  await eventually(async () => expect(await waiting()).toBe(0));
});
