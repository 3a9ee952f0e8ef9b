import { createHash } from 'node:crypto';
import { openPublisher } from '@mysmtp/broker';
import { internalApis, routingKeys, type IdentityEntity } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { openProjection, type Projection } from '@mysmtp/projection';
import {
  eventually,
  followErasures,
  freshDatabase,
  proxyTo,
  type Erasures,
} from '@mysmtp/test-kit';
import mongoose, { type mongo } from 'mongoose';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, type Identity } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let world: World;
let identity: Identity;
let operator: string;
let erasures: Erasures;
/** What another service knows. */
let projection: Projection;

const entities: IdentityEntity[] = ['tenant', 'credential', 'domain', 'token'];
const collections = ['tenants', 'domains', 'credentials', 'tokens'];

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  const { broker, jwksFile, fences } = world;
  const following = followErasures({
    brokerUrl: broker.url,
    service: 'identity',
    jwksFile,
    fences,
  });
  erasures = opened.adopt(await following, (open) => open.close());
  {
    await using rooms = await openRooms(world);
    operator = (await rooms.nouns.tokens.create({ role: 'operator', tenant: null })).token;
  }
  projection = opened.adopt(await project(), (open) => open.close());
  await eventually(() => expect(projection.isWhole()).toBe(true));
});

afterAll(() => opened.disposeAsync());

async function project(): Promise<Projection> {
  const database = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  const connection = await mongoose.createConnection(database.url).asPromise();
  opened.defer(() => connection.close());
  const log = createLogger('ingress', 'error');
  return openProjection({
    service: 'ingress',
    entities,
    collection: connection.collection('identity'),
    client: identity.client,
    broker: { url: world.broker.url, name: 'test', log },
    log,
    clock: { now: () => Date.now() },
    metrics: new Registry(),
  });
}

interface Customer {
  readonly id: string;
  readonly domain: string;
  readonly token: string;
  /** Ids by collection. */
  readonly ids: Readonly<Record<string, string[]>>;
}

let registered = 0;

/** A tenant with two of everything it may have more of. */
async function register(): Promise<Customer> {
  const serial = String((registered += 1));
  const domain = `customer-${serial}.example`;
  const made = await identity.call('POST', '/v1/tenants', operator, {
    name: 'Customer',
    domain,
    owner: 'jane.doe@example.org',
  });
  expect(made.status).toBe(201);
  const { tenant, ownerToken: token } = made.body as {
    tenant: { id: string };
    ownerToken: string;
  };
  const network = `10.${serial}.0.0/16`;
  for (const [path, body] of [
    ['/v1/domains', { tenant: tenant.id, name: `more.${domain}` }],
    ['/v1/credentials', { tenant: tenant.id, network, label: 'office' }],
    ['/v1/tokens', { tenant: tenant.id }],
  ] as const) {
    expect((await identity.call('POST', path, operator, body)).status).toBe(201);
  }
  return { id: tenant.id, domain, token, ids: await idsOf(tenant.id) };
}

const ownedBy = (collection: string, tenant: string) =>
  (collection === 'tenants' ? { _id: tenant } : { tenant }) as mongo.Filter<mongo.Document>;

async function idsOf(tenant: string): Promise<Record<string, string[]>> {
  const found = await documentsOf(tenant);
  return Object.fromEntries(
    Object.entries(found).map(([collection, all]) => [collection, all.map((one) => one.id)]),
  );
}

/** Everything of a tenant that can be found by its id. */
function documentsOf(tenant: string) {
  return readDatabase(world.mongodbUrl, async (db) => {
    const found: Record<string, { id: string; document: mongo.Document }[]> = {};
    for (const name of collections) {
      const all = await db.collection(name).find(ownedBy(name, tenant)).sort({ _id: 1 }).toArray();
      found[name] = all.map((document) => ({ id: String(document._id), document }));
    }
    return found;
  });
}

const entityOf = {
  tenants: 'tenant',
  domains: 'domain',
  credentials: 'credential',
  tokens: 'token',
};

/** Ids that the other service knows to live. */
const knownOf = (customer: Customer): string[] =>
  Object.entries(customer.ids).flatMap(([collection, ids]) => {
    const entity = entityOf[collection as keyof typeof entityOf] as IdentityEntity;
    return ids.filter((id) => projection.get(entity, id) !== undefined);
  });

const known = (customer: Customer, count: number) =>
  eventually(() => expect(knownOf(customer)).toHaveLength(count));

test('a fenced tenant is answered like one that never was', async () => {
  const [going, staying] = [await register(), await register()];
  const [credential = ''] = going.ids['credentials'] ?? [];
  const [domain = ''] = going.ids['domains'] ?? [];
  const before = await documentsOf(going.id);
  const fence = await erasures.raise(going.id);
  expect(erasures.answers('fenced', fence)).toMatchObject([
    { service: 'identity', wire: { finished: 0, unknown: 0 } },
  ]);

  const never = 'no-such-id';
  const questions = [
    ['GET', '/v1/tenants/{tenant}'],
    ['GET', '/v1/domains?tenant={tenant}'],
    ['GET', '/v1/credentials?tenant={tenant}'],
    ['GET', '/v1/tokens?tenant={tenant}'],
    ['POST', '/v1/domains', { tenant: '{tenant}', name: 'new.example' }],
    ['POST', '/v1/credentials', { tenant: '{tenant}' }],
    ['POST', '/v1/credentials', { tenant: '{tenant}', network: '172.16.0.0/16' }],
    ['POST', '/v1/tokens', { tenant: '{tenant}' }],
    ['DELETE', '/v1/credentials/{credential}'],
    ['DELETE', '/v1/domains/{domain}'],
    ['PATCH', '/v1/domains/{domain}', { signing: 'customer' }],
  ] as const;
  for (const [method, path, body] of questions) {
    const ask = (ids: { tenant: string; credential: string; domain: string }) => {
      const fill = (text: string) =>
        text.replace(/\{(\w+)\}/, (_all, name: keyof typeof ids) => ids[name]);
      const content = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body)));
      return identity.call(method, fill(path), operator, content);
    };
    const answer = await ask({ tenant: going.id, credential, domain });
    const asked = `${method} ${path}`;
    expect([asked, answer]).toEqual([
      asked,
      await ask({ tenant: never, credential: never, domain: never }),
    ]);
  }
  const owner = await identity.call('GET', '/v1/domains', going.token);
  expect(owner.status).toBe(401);
  const nobody = `mysmtp_${createHash('sha256').update('nobody').digest('base64url')}`;
  expect(await identity.call('GET', '/v1/domains', nobody)).toEqual(owner);
  expect(await documentsOf(going.id)).toEqual(before);

  expect((await identity.call('POST', '/v1/credentials', staying.token, {})).status).toBe(201);
  expect((await identity.call('GET', '/v1/domains', staying.token)).status).toBe(200);
});

test('a purge leaves tombstones only, tells the others, and touches nobody else', async () => {
  const [going, staying] = [await register(), await register()];
  await known(going, 7);
  await known(staying, 7);
  const others = await documentsOf(staying.id);
  // What a process that died has left.
  await readDatabase(world.mongodbUrl, (db) =>
    db.collection('domains').insertOne({
      _id: 'lost-claim' as never,
      tenant: going.id,
      version: 0,
      claimedAt: Date.now(),
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
    ['identity.tokens', 2],
    ['identity.credentials', 2],
    ['identity.domains', 3],
    ['identity.tenants', 1],
  ];
  expect(await erasures.erased(fence, 4)).toEqual(erased);
  expect(Object.values(await idsOf(going.id)).flat()).toEqual([going.id]);
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
  // The others have been told already: nothing is pending.
  for (const document of left) {
    expect(document).toEqual({ _id: document._id, version: 2, gone: true });
  }
  await known(going, 0);

  await erasures.command('purge', fence);
  expect(await erasures.erased(fence, 8)).toEqual([...erased, ...erased]);
  expect(await documentsOf(staying.id)).toEqual(others);
  await known(staying, 7);

  const late = await project();
  await eventually(() => expect(late.isWhole()).toBe(true));
  expect(late.get('tenant', going.id)).toBeUndefined();
  expect(late.get('tenant', staying.id)).toBeDefined();
  await late.close();

  const again = { name: 'Another', domain: going.domain };
  expect((await identity.call('POST', '/v1/tenants', operator, again)).status).toBe(201);
  const network = { tenant: staying.id, network: `10.${going.domain.replace(/\D/g, '')}.7.0/24` };
  expect((await identity.call('POST', '/v1/credentials', operator, network)).status).toBe(201);
});

test('an older event brings nothing back', async () => {
  const going = await register();
  await known(going, 7);
  const [token = ''] = going.ids['tokens'] ?? [];
  const older = projection.get('token', token);
  const fence = await erasures.raise(going.id);
  await erasures.command('purge', fence);
  await erasures.erased(fence, 4);
  await known(going, 0);
  await tellAsIdentity({ v: 1, entity: 'token', id: token, version: 9, state: older });
  // What is told after it has been heard, so this has as well.
  const next = await register();
  await known(next, 7);
  await known(going, 0);
});

async function tellAsIdentity(change: object): Promise<void> {
  const log = createLogger('identity', 'error');
  const publisher = await openPublisher({ url: world.broker.url, name: 'test', log });
  await eventually(() =>
    publisher.publish({
      exchange: 'events',
      key: routingKeys.identityChanged('token'),
      content: Buffer.from(JSON.stringify(change)),
    }),
  );
  await publisher.close();
}

test('a purge tells of everything that is gone, whoever has buried it, and of nothing else', async () => {
  const going = await register();
  await known(going, 7);
  const fence = await erasures.raise(going.id);
  // A change that was not told before the fence, as after a crash: it never is.
  const [credential = ''] = going.ids['credentials'] ?? [];
  await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection('credentials')
      .updateOne({ _id: credential as never }, { $set: { pendingSince: 1 } }),
  );
  await using cutOff = new AsyncDisposableStack();
  const proxy = cutOff.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const { nouns } = cutOff.use(await openRooms(world, proxy.url));
  await eventually(() => expect(erasures.answers('fenced', fence)).toHaveLength(2));
  proxy.cut();
  const entity = nouns.entities.find(({ name }) => name === 'token');
  const [token = ''] = going.ids['tokens'] ?? [];
  expect(await nouns.writer.bury(entity!, token)).toBe(true);
  expect(await nouns.outbox.tellTombstones(entity!)).toBe(false);
  await erasures.command('purge', fence);
  const erased = await erasures.erased(fence, 4);
  // One was buried by somebody else.
  expect(erased[0]).toEqual(['identity.tokens', 1]);
  await known(going, 0);
});

test('canaries are made the ordinary way, found by the others, and purged with the rest', async () => {
  const tenant = await register();
  const fence = { erasure: '00000000-0000-4000-8000-000000000001', tenant: tenant.id };
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
  });

  // Again makes new ones, and after the fence it makes none.
  await erasures.command('plant', fence);
  const [, others] = await planted(2);
  expect(others?.domain).not.toBe(canaries?.domain);
  const raised = await erasures.raise(tenant.id);
  await erasures.command('plant', fence);
  expect((await planted(3)).at(-1)).toEqual({});
  await erasures.command('purge', raised);
  expect(await erasures.erased(raised, 4)).toEqual([
    ['identity.tokens', 4],
    ['identity.credentials', 4],
    ['identity.domains', 4],
    ['identity.tenants', 1],
  ]);
  await eventually(() => {
    expect(projection.get('domain', canaries?.domain ?? '')).toBeUndefined();
  });
});

test('a registration under way is not held up by the fence of another tenant', async () => {
  const going = await register();
  const registering = Array.from({ length: 5 }, () => register());
  await erasures.raise(going.id);
  const made = await Promise.all(registering);
  expect(new Set(made.map(({ id }) => id)).size).toBe(5);
});

test('a process that may have missed a fence writes for no tenant: 503, and revocations go on', async () => {
  const customer = await register();
  const [credential = ''] = customer.ids['credentials'] ?? [];
  await using away = new AsyncDisposableStack();
  const proxy = away.adopt(await proxyTo(world.broker.url), (open) => open.close());
  const elsewhere = away.use(await startIdentity(world, proxy.url));
  proxy.cut();
  // The lease runs out.
  await eventually(
    async () => {
      const answer = await elsewhere.call('POST', '/v1/tokens', customer.token, {});
      expect(answer.status).toBe(503);
    },
    { timeout: 15_000, every: 500 },
  );
  const body = { name: 'New', domain: 'not-now.example' };
  expect((await elsewhere.call('POST', '/v1/tenants', operator, body)).status).toBe(503);
  expect((await elsewhere.call('GET', '/v1/domains', customer.token)).status).toBe(200);
  const url = `/v1/credentials/${credential}`;
  expect((await elsewhere.call('DELETE', url, customer.token)).status).toBe(204);
  proxy.mend();
  await eventually(async () => {
    expect((await elsewhere.call('POST', '/v1/tokens', customer.token, {})).status).toBe(201);
  });
});
