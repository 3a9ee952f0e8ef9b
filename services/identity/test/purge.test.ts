import { randomUUID } from 'node:crypto';
import { internalApis, plans, type IdentityChange } from '@mysmtp/contracts';
import type { Projection } from '@mysmtp/projection';
import { eventually, freshDatabase, proxyTo, type Erasures } from '@mysmtp/test-kit';
import mongoose, { type Connection, type mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Customer } from './support/customers.ts';
import { readDatabase } from './support/documents.ts';
import { openErasing, type Erasing } from './support/erasing.ts';
import { openRooms, type Identity } from './support/identity.ts';
import { knownOf, openKnowledge } from './support/knowledge.ts';
import type { World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let erasing: Erasing;
let world: World;
let identity: Identity;
let operator: string;
let erasures: Erasures;
/** The projection of another service. */
let projection: Projection;
let connection: Connection;

beforeAll(async () => {
  erasing = opened.use(await openErasing());
  ({ world, identity, operator, erasures } = erasing);
  const database = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  connection = await mongoose.createConnection(database.url).asPromise();
  opened.defer(() => connection.close());
  projection = opened.adopt(await project('identity'), (open) => open.close());
  await eventually(() => expect(projection.isReady()).toBe(true));
});

afterAll(() => opened.disposeAsync());

const project = (collection: string) =>
  openKnowledge(world, identity, connection.collection(collection));

const known = (customer: Customer, count: number) =>
  eventually(() => expect(knownOf(projection, customer)).toHaveLength(count));

test('a purge leaves only tombstones, publishes them, and changes no other tenant', async () => {
  const [going, staying] = [await erasing.register(), await erasing.register()];
  await known(going, 7);
  await known(staying, 7);
  const others = await erasing.documentsOf(staying.id);
  // Left by a crashed process.
  await readDatabase(world.mongodbUrl, (db) =>
    db.collection('domains').insertOne({
      _id: 'lost-reservation' as never,
      tenant: going.id,
      version: 0,
      reservedAt: Date.now(),
      name: 'sealed',
    }),
  );
  const oldPage = await identity.client.call(internalApis.snapshot, { entities: ['tenant'] });
  expect(oldPage.changes).toContainEqual(expect.objectContaining({ id: going.id, version: 1 }));

  const fence = await erasures.raise(going.id);
  const snapshot = await identity.client.call(internalApis.snapshot, { entities: ['tenant'] });
  expect(snapshot.changes.map(({ id }) => id)).not.toContain(going.id);
  expect(snapshot.changes.map(({ id }) => id)).toContain(staying.id);

  await erasures.command('purge', fence);
  const erased = [
    ['identity.suspensions', 0],
    ['identity.notices', 0],
    ['identity.sessions', 0],
    ['identity.challenges', 0],
    ['identity.signInProviders', 0],
    ['identity.people', 0],
    ['identity.tokens', 2],
    ['identity.credentials', 2],
    ['identity.domains', 3],
    ['identity.domainChecks', 2],
    ['identity.accesses', 0],
    ['identity.accessLog', 2],
    ['identity.tenants', 1],
  ];
  expect(await erasures.erased(fence, 13)).toEqual(erased);
  expect(Object.values(await erasing.idsOf(going.id)).flat()).toEqual([going.id]);
  const left = await readDatabase(world.mongodbUrl, async (db) => {
    const found: mongo.Document[] = [];
    for (const [name, ids] of Object.entries(going.ids)) {
      found.push(
        ...(await db
          .collection(name)
          .find({ _id: { $in: ids as never[] } })
          .toArray()),
      );
    }
    return found;
  });
  expect(left).toHaveLength(7);
  // The tombstones are published already: nothing is pending.
  for (const document of left) {
    expect(document).toEqual({ _id: document._id, version: 2, deleted: true });
  }
  await known(going, 0);

  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 26)).toEqual([...erased, ...erased]);
  expect(await erasing.documentsOf(staying.id)).toEqual(others);
  await known(staying, 7);

  const late = await project('late');
  await eventually(() => expect(late.isReady()).toBe(true));
  expect(late.get('tenant', going.id)).toBeUndefined();
  expect(late.get('tenant', staying.id)).toBeDefined();
  await late.close();

  const again = { name: 'Another', domain: going.domain };
  expect((await identity.call('POST', '/v1/tenants', operator, again)).status).toBe(201);
  const network = { tenant: staying.id, network: `10.${going.domain.replace(/\D/g, '')}.7.0/24` };
  expect((await identity.call('POST', '/v1/credentials', operator, network)).status).toBe(201);
});

test('an older event restores nothing', async () => {
  const going = await erasing.register();
  await known(going, 7);
  const [token = ''] = going.ids.tokens;
  const older = projection.get('token', token);
  const fence = await erasures.raise(going.id);
  await erasures.command('purge', fence);
  await erasures.erased(fence, 13);
  await known(going, 0);
  const late: IdentityChange = { v: 1, entity: 'token', id: token, version: 9, state: older! };
  await world.serviceKeys.tell(world.broker, late);
  // A later message has arrived, so this one has as well.
  const next = await erasing.register();
  await known(next, 7);
  await known(going, 0);
});

test('a purge publishes all deletions, no matter what deleted the entity, and nothing else', async () => {
  const going = await erasing.register();
  await known(going, 7);
  const fence = await erasures.raise(going.id);
  // A change that was not published before the fence, as after a crash. It is never published.
  const [credential = ''] = going.ids.credentials;
  await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('credentials')
      .updateOne({ _id: credential as never }, { $set: { pendingSince: 1 } }),
  );
  await using cutOff = new AsyncDisposableStack();
  const proxy = cutOff.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const { stores } = cutOff.use(await openRooms(world, proxy.url));
  await eventually(() => expect(erasures.answers('fenced', fence)).toHaveLength(2));
  proxy.cut();
  const entity = stores.entities.find(({ name }) => name === 'token');
  const [token = ''] = going.ids.tokens;
  expect(await stores.writer.deleteEntity(entity!, token)).toBe(true);
  expect(await stores.outbox.publishTombstones(entity!)).toBe(false);
  await erasures.command('purge', fence);
  const erased = await erasures.erased(fence, 13);
  // One was deleted by another process.
  expect(Object.fromEntries(erased)).toMatchObject({ 'identity.tokens': 1 });
  await known(going, 0);
});

test('canaries are made by the ordinary functions, reach other services, and are purged with the rest', async () => {
  const tenant = await erasing.register();
  const fence = {
    erasure: '00000000-0000-4000-8000-000000000001',
    subject: { kind: 'tenant', tenant: tenant.id },
  } as const;
  await erasures.command('plant', fence);
  const planted = async (count: number) =>
    eventually(() => {
      const answers = erasures.answers('planted', fence);
      expect(answers).toHaveLength(count);
      return answers.map(({ canaries }) => canaries);
    });
  const [canaries] = await planted(1);
  expect(canaries).toEqual({
    domain: expect.any(String),
    credential: expect.any(String),
    token: expect.any(String),
  });
  await eventually(() => {
    expect(projection.get('domain', canaries?.domain ?? '')).toMatchObject({ tenant: tenant.id });
    expect(projection.get('token', canaries?.token ?? '')).toMatchObject({ role: 'owner' });
    const credential = projection.get('credential', canaries?.credential ?? '');
    expect(credential).toMatchObject({ kind: 'password', tenant: tenant.id });
  });
  const { domains } = (await identity.call('GET', '/v1/domains', tenant.token)).body;
  expect(domains).toContainEqual({
    id: canaries?.domain,
    name: expect.stringMatching(/^[\da-f-]{36}\.canary\.invalid$/),
    signing: 'ours',
    status: 'vouched',
  });

  // A repeated command makes new ones. After the fence it makes none.
  await erasures.command('plant', fence);
  const [, others] = await planted(2);
  expect(others?.domain).not.toBe(canaries?.domain);
  const raised = await erasures.raise(tenant.id);
  await erasures.command('plant', fence);
  expect((await planted(3)).at(-1)).toEqual({});
  await erasures.command('purge', raised);
  expect(await erasures.erased(raised, 13)).toEqual([
    ['identity.suspensions', 2],
    ['identity.notices', 2],
    ['identity.sessions', 2],
    ['identity.challenges', 2],
    ['identity.signInProviders', 1],
    ['identity.people', 2],
    ['identity.tokens', 4],
    ['identity.credentials', 4],
    ['identity.domains', 4],
    ['identity.domainChecks', 4],
    ['identity.accesses', 2],
    ['identity.accessLog', 4],
    ['identity.tenants', 1],
  ]);
  await eventually(() => {
    expect(projection.get('domain', canaries?.domain ?? '')).toBeUndefined();
  });
});

test('a substitute tenant is planted completely, reaches other services, and is purged', async () => {
  const subject = { kind: 'tenant', tenant: randomUUID() } as const;
  const fence = { erasure: randomUUID(), subject };
  await erasures.command('plant', fence);
  await eventually(() => expect(erasures.answers('planted', fence)).toHaveLength(1));
  await eventually(() =>
    expect(projection.get('tenant', subject.tenant)).toEqual({
      status: 'active',
      limits: plans.large,
    }),
  );
  const made = identity.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line['event'] === 'tenant.registered' && line['tenant'] === subject.tenant);
  expect(made).toMatchObject([{ actor: `erasure:${fence.erasure}` }]);
  const raised = await erasures.raise(subject.tenant);
  await erasures.command('purge', raised);
  expect(await erasures.erased(raised, 13)).toEqual([
    ['identity.suspensions', 1],
    ['identity.notices', 1],
    ['identity.sessions', 1],
    ['identity.challenges', 1],
    ['identity.signInProviders', 1],
    ['identity.people', 1],
    ['identity.tokens', 1],
    ['identity.credentials', 1],
    ['identity.domains', 1],
    ['identity.domainChecks', 1],
    ['identity.accesses', 1],
    ['identity.accessLog', 1],
    ['identity.tenants', 1],
  ]);
});
