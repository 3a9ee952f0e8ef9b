import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import {
  openRooms,
  startIdentity,
  tester,
  type Answer,
  type Identity,
} from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let world: World;
let identity: Identity;
let operator: { readonly id: string; readonly token: string };
let colleague: string;

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  await using rooms = await openRooms(world);
  const { tokens } = rooms.stores;
  operator = await tokens.create(tester, { role: 'operator', tenant: null });
  colleague = (await tokens.create(tester, { role: 'operator', tenant: null })).token;
});
afterAll(() => opened.disposeAsync());

interface Customer {
  readonly tenant: string;
  readonly owner: string;
  readonly domain: string;
  readonly token: string;
  readonly credential: string;
}

let registered = 0;

async function register(): Promise<Customer> {
  const domain = `customer-${String((registered += 1))}.example`;
  const body = { name: 'Confidential Ltd', domain };
  const made = (await identity.call('POST', '/v1/tenants', operator.token, body)).body;
  const owner = String(made['ownerToken']);
  const idIn = async (what: string) => {
    const list = (await identity.call('GET', `/v1/${what}`, owner)).body[what];
    return (list as [{ id: string }])[0].id;
  };
  return {
    tenant: (made['tenant'] as { id: string }).id,
    owner,
    domain: await idIn('domains'),
    token: await idIn('tokens'),
    credential: await idIn('credentials'),
  };
}

const open = (tenant: string, more: object = {}, by = operator.token) => {
  const body = { tenant, reason: 'Mail of Zoe is refused', ticket: 'SUP-17', minutes: 30, ...more };
  return identity.call('POST', '/v1/accesses', by, body);
};

/** The log as the owner reads it, oldest first. */
async function logOf(owner: string): Promise<Record<string, unknown>[]> {
  const { body } = await identity.call('GET', '/v1/access-log', owner);
  return (body['entries'] as Record<string, unknown>[]).toReversed();
}

const stored = (collection: string, tenant: string) =>
  readDatabase(world.mongodbUrl, (db) => db.collection(collection).find({ tenant }).toArray());

/** Everything of a tenant that an operator can ask for. */
const questions = ({ tenant, domain }: Customer): [string, string, string, unknown?][] => [
  ['readTenant', 'GET', `/v1/tenants/${tenant}`],
  ['listDomains', 'GET', `/v1/domains?tenant=${tenant}`],
  ['listCredentials', 'GET', `/v1/credentials?tenant=${tenant}`],
  ['listTokens', 'GET', `/v1/tokens?tenant=${tenant}`],
  ['changeDomain', 'PATCH', `/v1/domains/${domain}`, { signing: 'ours' }],
  ['readDomainRecords', 'GET', `/v1/domains/${domain}/records`],
  ['checkDomain', 'POST', `/v1/domains/${domain}/check`],
  ['vouchForDomain', 'POST', `/v1/domains/${domain}/vouch`, { reason: 'In a test' }],
  ['endVouch', 'DELETE', `/v1/domains/${domain}/vouch`],
  ['deleteDomain', 'DELETE', `/v1/domains/${domain}`],
];

test('without an access an operator sees nothing of a tenant', async () => {
  const customer = await register();
  const absent: Answer = await identity.call('DELETE', '/v1/domains/none', operator.token);
  expect(absent.status).toBe(404);
  for (const [, method, path, body] of questions(customer)) {
    expect(await identity.call(method, path, operator.token, body)).toEqual(absent);
  }
  expect(await logOf(customer.owner)).toEqual([]);
  const lines = identity.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const missing = lines.filter(
    ({ event, tenant }) => event === 'access.missing' && tenant === customer.tenant,
  );
  expect(missing).toHaveLength(questions(customer).length);
});

test('the owner of the tenant is told by mail at once', async () => {
  const owner = 'owner@customer.example';
  const body = { name: 'Told Ltd', domain: 'told.example', owner };
  const made = (await identity.call('POST', '/v1/tenants', operator.token, body)).body;
  const { id } = made['tenant'] as { id: string };
  expect((await open(id)).status).toBe(201);
  await eventually(() =>
    expect(world.ingress.submitted.filter(({ to }) => to === owner)).toEqual([
      expect.objectContaining({
        tenant: id,
        subject: 'An operator has opened access to your data',
        text: expect.stringMatching(/Mail of Zoe is refused[\s\S]*SUP-17/) as unknown,
      }),
    ]),
  );
});

test('with an access an operator sees this tenant only, and the tenant sees each thing that was seen', async () => {
  const [customer, other] = [await register(), await register()];
  const opened = await open(customer.tenant);
  expect(opened).toEqual({
    status: 201,
    body: { id: expect.any(String), until: expect.any(String) },
  });
  for (const [action, method, path, body] of questions(customer)) {
    const { status } = await identity.call(method, path, operator.token, body);
    expect([action, status]).toEqual([action, action === 'deleteDomain' ? 204 : 200]);
    // It belongs to the one who opened it.
    expect((await identity.call(method, path, colleague, body)).status).toBe(404);
  }
  for (const [, method, path, body] of questions(other)) {
    expect((await identity.call(method, path, operator.token, body)).status).toBe(404);
  }
  const by = `token:${operator.id}`;
  const access = opened.body['id'];
  const entries = await logOf(customer.owner);
  expect(entries[0]).toEqual({
    id: expect.any(String),
    at: expect.any(String),
    by,
    action: 'openAccess',
    access,
    object: null,
    reason: 'Mail of Zoe is refused',
    ticket: 'SUP-17',
  });
  expect(entries.slice(1)).toMatchObject(
    questions(customer).map(([action, , path, body]) => {
      const object = /\/([\w-]{36})(?:\/|$)/.exec(path)?.[1] ?? null;
      const { reason = null } = (body ?? {}) as { reason?: string };
      return { by, action, access, object, reason, ticket: null };
    }),
  );
  expect(await logOf(other.owner)).toEqual([]);
});

test('an access ends at its time or before, and is not longer than four hours', async () => {
  const { tenant, owner } = await register();
  const read = async () =>
    (await identity.call('GET', `/v1/tenants/${tenant}`, operator.token)).status;
  for (const wrong of [{ minutes: 241 }, { minutes: 0 }, { reason: ' ' }, { ticket: '' }]) {
    expect((await open(tenant, wrong)).status).toBe(400);
  }
  expect((await open('no-such-tenant')).status).toBe(404);
  const id = String((await open(tenant)).body['id']);
  expect(await read()).toBe(200);
  expect((await identity.call('DELETE', `/v1/accesses/${id}`, colleague)).status).toBe(404);
  expect((await identity.call('DELETE', `/v1/accesses/${id}`, operator.token)).status).toBe(204);
  expect(await read()).toBe(404);

  await open(tenant);
  const [document] = await stored('accesses', tenant);
  const { until, openedAt } = document as unknown as { until: number; openedAt: number };
  expect(until - openedAt).toBe(30 * 60_000);
  await readDatabase(world.mongodbUrl, (db) =>
    db.collection('accesses').updateOne({ tenant }, { $set: { until: Date.now() - 1 } }),
  );
  expect(await read()).toBe(404);
  await using rooms = await openRooms(world);
  await rooms.stores.accesses.dropExpired();
  expect(await stored('accesses', tenant)).toEqual([]);
  expect(await logOf(owner)).toHaveLength(3);
});

test('acts of an operator need no access, and are in the log of the tenant', async () => {
  const customer = await register();
  const { tenant, owner, token, credential } = customer;
  const network = { tenant, network: '192.0.2.0/28' };
  for (const [method, path, status, body] of [
    ['POST', '/v1/domains', 201, { tenant, name: 'vouched.example' }],
    ['POST', '/v1/credentials', 201, network],
    ['DELETE', `/v1/credentials/${credential}`, 204],
    ['DELETE', `/v1/tokens/${token}`, 204],
    // With these, an operator would read or send as the tenant.
    ['POST', '/v1/credentials', 404, { tenant }],
    ['POST', '/v1/tokens', 404, { tenant }],
  ] as const) {
    const answer = await identity.call(method, path, operator.token, body);
    expect([method, path, answer.status]).toEqual([method, path, status]);
  }
  // The owner's key was revoked.
  expect((await identity.call('GET', '/v1/access-log', owner)).status).toBe(401);
  await using rooms = await openRooms(world);
  const entries = await rooms.stores.accesses.log(tenant, { limit: 100 });
  expect(entries.toReversed()).toMatchObject([
    { action: 'createDomain', access: null, object: null },
    { action: 'createCredential', access: null, object: null },
    { action: 'deleteCredential', access: null, object: credential },
    { action: 'deleteToken', access: null, object: token },
    { action: 'createCredential', access: null },
    { action: 'createToken', access: null },
  ]);
});

test('reasons are sealed, and only owner and data protection officer read the log', async () => {
  const { tenant, owner } = await register();
  await open(tenant);
  const documents = [...(await stored('accesses', tenant)), ...(await stored('accessLog', tenant))];
  expect(documents).toHaveLength(2);
  expect(documents[0]).toMatchObject({ by: operator.id, byKind: 'token' });
  expect(JSON.stringify(documents)).not.toMatch(/of Zoe is|SUP-17/);
  expect(identity.lines.join('')).not.toMatch(/of Zoe is|SUP-17/);
  const scoped = async (scopes: string[]) => {
    const { body } = await identity.call('POST', '/v1/tokens', owner, { scopes });
    return (await identity.call('GET', '/v1/access-log', String(body['token']))).status;
  };
  expect(await scoped(['access-log:read'])).toBe(200);
  expect(await scoped(['tenants:read', 'tokens:read'])).toBe(404);
  expect((await identity.call('GET', '/v1/access-log', operator.token)).status).toBe(404);
});

test('the log is read page by page', async () => {
  const { tenant, owner } = await register();
  await open(tenant);
  for (let n = 0; n < 4; n += 1) {
    await identity.call('GET', `/v1/domains?tenant=${tenant}`, operator.token);
  }
  const all = (await logOf(owner)).toReversed();
  const read: { id: string }[] = [];
  let page: { id: string }[];
  do {
    const before = read.length === 0 ? '' : `&before=${String(read.at(-1)?.id)}`;
    const { body } = await identity.call('GET', `/v1/access-log?limit=2${before}`, owner);
    page = body['entries'] as { id: string }[];
    read.push(...page);
  } while (page.length === 2);
  expect(read).toEqual(all);
});
