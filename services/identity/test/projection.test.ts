import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { principalOf } from '@mysmtp/api';
import {
  internalApis,
  type IdentityChange,
  type IdentityEntity,
  type ServiceName,
} from '@mysmtp/contracts';
import { tokenLookup } from '@mysmtp/projection';
import { CallError, hashToken } from '@mysmtp/http';
import { systemClock } from '@mysmtp/service';
import { eventually, freshDatabase } from '@mysmtp/test-kit';
import mongoose, { type Connection } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester, type Identity } from './support/identity.ts';
import { openKnowledge } from './support/knowledge.ts';
import { openWorld, type World } from './support/world.ts';

/** Identity, and a service with only a projection of it, such as ingress. */
const opened = new AsyncDisposableStack();
let world: World;
let identity: Identity;
let operator: string;
let connection: Connection;

const entities: IdentityEntity[] = ['tenant', 'credential', 'domain', 'token'];

const project = (collection: string) =>
  openKnowledge(world, identity, connection.collection(collection));

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = await startIdentity(world);
  // The process that runs at the end: a test replaces it.
  opened.defer(() => identity[Symbol.asyncDispose]());
  await using rooms = await openRooms(world);
  operator = (await rooms.stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
  const database = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  connection = await mongoose.createConnection(database.url).asPromise();
  opened.defer(() => connection.close());
});

afterAll(() => opened.disposeAsync());

/** Milliseconds until the condition holds. */
async function timeUntil(holds: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > 5_000) throw new Error('It never came true');
    await sleep(5);
  }
  return performance.now() - start;
}

test('a created or revoked credential takes effect in other services within a second', async () => {
  const projection = await project('within');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    const registered = await identity.call('POST', '/v1/tenants', operator, {
      name: 'Quick',
      domain: 'quick.example',
    });
    const { ownerToken, tenant } = registered.body as {
      ownerToken: string;
      tenant: { id: string };
    };
    await eventually(() => expect(projection.get('tenant', tenant.id)).toBeDefined());
    const times: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const made = await identity.call('POST', '/v1/credentials', ownerToken, {});
      const id = String(made.body['id']);
      times.push(await timeUntil(() => projection.get('credential', id) !== undefined));
      expect(projection.get('credential', id)).toMatchObject({
        kind: 'password',
        tenant: tenant.id,
        username: made.body['username'],
      });
      await identity.call('DELETE', `/v1/credentials/${id}`, ownerToken);
      times.push(await timeUntil(() => projection.get('credential', id) === undefined));
    }
    expect(Math.max(...times)).toBeLessThan(1_000);

    const lookUp = tokenLookup({
      projection,
      isFenced: () => false,
      identity: identity.client,
      clock: systemClock,
    });
    const find = async () =>
      lookUp(hashToken(ownerToken), { isSession: false, address: '127.0.0.1' });
    const list = await identity.call('GET', '/v1/tokens', ownerToken);
    const [token] = list.body['tokens'] as [{ id: string }];
    const owner = principalOf(token.id, { role: 'owner', tenant: tenant.id });
    expect(await find()).toEqual(owner);
    await identity.call('DELETE', `/v1/tokens/${token.id}`, operator);
    expect(await timeUntil(async () => (await find()) === undefined)).toBeLessThan(1_000);
  } finally {
    await projection.close();
  }
});

test('a snapshot contains everything page by page, tombstones included, and no reservations', async () => {
  const expected = new Map<string, boolean>();
  await readDatabase(world.mongodbUrl, async (db) => {
    const documents = Array.from({ length: 1_234 }, (_, n) => {
      const deleted = n % 3 === 0;
      const id = randomUUID();
      expected.set(id, deleted);
      const fields = { role: 'owner', tenant: 't', hash: `hash-${String(n)}`, createdAt: n };
      return { _id: id as never, version: 1 + n, ...(deleted ? { deleted } : fields) };
    });
    await db.collection('tokens').insertMany(documents);
    await db.collection('tokens').insertOne({ _id: 'reserved' as never, version: 0, hash: 'c' });
  });
  const changes: IdentityChange[] = [];
  let pages = 0;
  let after: string | undefined;
  do {
    const request = after === undefined ? { entities } : { entities, after };
    const page = await identity.client.call(internalApis.snapshot, request);
    expect(page.changes.length).toBeLessThanOrEqual(500);
    changes.push(...page.changes.filter((change) => 'state' in change));
    pages += 1;
    after = page.next ?? undefined;
  } while (after !== undefined);
  expect(pages).toBeGreaterThanOrEqual(6);
  expect(new Set(changes.map(({ entity, id }) => `${entity}:${id}`)).size).toBe(changes.length);
  for (const [id, isDeleted] of expected) {
    expect(changes.find((change) => change.id === id)?.state === null).toBe(isDeleted);
  }
  expect(changes.some(({ id }) => id === 'reserved')).toBe(false);

  const projection = await project('pages');
  try {
    await eventually(() => expect(projection.isReady()).toBe(true));
    const active = [...projection.all('token')].map(([id]) => id);
    for (const [id, isDeleted] of expected) expect(active.includes(id)).toBe(!isDeleted);
  } finally {
    await projection.close();
  }
});

test.each<[ServiceName, IdentityEntity[]]>([
  ['ingress', ['tenant', 'credential', 'domain', 'token']],
  ['delivery', ['tenant', 'domain', 'token']],
  ['logging', ['tenant', 'token']],
  ['privacy', ['tenant', 'token']],
])('%s may read %j and nothing else', async (caller, readable) => {
  const client = await identity.clientOf(caller);
  for (const entity of entities) {
    const asked = client.call(internalApis.snapshot, { entities: [entity] });
    const status = await asked.then(
      () => 200,
      (error: unknown) => (error instanceof CallError ? error.status : error),
    );
    expect([entity, status]).toEqual([entity, readable.includes(entity) ? 200 : 403]);
  }
  // Nor does a page between others contain it.
  const all = client.call(internalApis.snapshot, { entities });
  if (readable.length < entities.length) {
    await expect(all).rejects.toThrow(new CallError('identity', 403));
  } else await all;
});

test.each(['nothing:', 'credential:x'])(
  'a page that cannot follow the previous one is refused: %s',
  async (after) => {
    const call = identity.client.call(internalApis.snapshot, { entities: ['token'], after });
    await expect(call).rejects.toThrow(new CallError('identity', 400));
  },
);

test('a service that starts while identity is down has its last known state', async () => {
  const first = await project('restart');
  await eventually(() => expect(first.isReady()).toBe(true));
  const known = new Map(first.all('credential'));
  expect(known.size).toBeGreaterThan(0);
  await first.close();

  await identity[Symbol.asyncDispose]();
  const second = await project('restart');
  try {
    expect(second.isReady()).toBe(true);
    expect(new Map(second.all('credential'))).toEqual(known);
    const empty = await project('never-whole');
    expect(empty.isReady()).toBe(false);
    identity = await startIdentity(world);
    await empty.close();
  } finally {
    await second.close();
  }
});
