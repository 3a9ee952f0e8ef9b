import { permissionsOf } from '@mysmtp/api';
import { internalApis, operatorRealm, type IdentityChange } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester, type Identity } from './support/identity.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
let world: World;
let identity: Identity;
let operator: string;
/** The tenant of these tests, and the key of its owner. */
let tenant: string;
let owner: string;

interface Key {
  readonly id: string;
  readonly token: string;
}

/** A row of the list of keys. */
type Row = Readonly<Record<string, unknown>> & { readonly id: string };

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  await using rooms = await openRooms(world);
  operator = (await rooms.stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
  const body = { name: 'Keys', domain: 'keys.example' };
  const { body: made } = await identity.call('POST', '/v1/tenants', operator, body);
  tenant = (made['tenant'] as { id: string }).id;
  owner = String(made['ownerToken']);
});
afterAll(() => opened.disposeAsync());

async function create(body: object, creator = owner): Promise<Key> {
  const answer = await identity.call('POST', '/v1/tokens', creator, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body as unknown as Key;
}

const statusOf = async (method: string, path: string, token: string, body?: unknown) =>
  (await identity.call(method, path, token, body)).status;

async function row(id: string, reader = owner): Promise<Row | undefined> {
  const { body } = await identity.call('GET', '/v1/tokens', reader);
  return (body['tokens'] as Row[]).find((one) => one.id === id);
}

const documentOf = (id: string) =>
  readDatabase(world.mongodbUrl, (db) =>
    db.collection('tokens').findOne({ _id: id as never }),
  ) as Promise<Record<string, unknown> | null>;

async function stateOf(id: string): Promise<IdentityChange['state'] | undefined> {
  const request = { entities: ['token' as const] };
  const { changes } = await identity.client.call(internalApis.snapshot, request);
  return changes.flatMap((change) =>
    'state' in change && change.id === id ? [change.state] : [],
  )[0];
}

test('a key with scopes may do what they say, and everything else looks absent', async () => {
  const key = await create({ scopes: ['domains:read', 'credentials:write'] });
  expect(await statusOf('GET', '/v1/domains', key.token)).toBe(200);
  const made = await identity.call('POST', '/v1/credentials', key.token, {});
  expect(made.status).toBe(201);
  const absent = await identity.call('DELETE', '/v1/domains/none', owner);
  for (const [method, path, body] of [
    ['GET', '/v1/credentials'],
    ['GET', '/v1/tokens'],
    ['POST', '/v1/tokens', {}],
    ['GET', `/v1/tenants/${tenant}`],
    ['DELETE', '/v1/domains/none'],
  ] as const) {
    expect(await identity.call(method, path, key.token, body)).toEqual(absent);
  }
  expect(await stateOf(key.id)).toEqual({
    role: 'restricted',
    tenant,
    hash: hashToken(key.token),
    scopes: ['domains:read', 'credentials:write'],
  });
});

test('a key of one domain sees and changes this domain only', async () => {
  const body = { tenant, name: 'other.keys.example' };
  const other = (await identity.call('POST', '/v1/domains', operator, body)).body;
  const { body: all } = await identity.call('GET', '/v1/domains', owner);
  const own = (all['domains'] as { id: string }[]).find(({ id }) => id !== other['id']);
  const scopes = ['domains:read', 'domains:write', 'credentials:read'];
  const key = await create({ scopes, domain: own?.id });
  const shown = await identity.call('GET', '/v1/domains', key.token);
  expect(shown.body['domains']).toEqual([own]);
  const signing = { signing: 'customer' };
  expect(await statusOf('PATCH', `/v1/domains/${String(own?.id)}`, key.token, signing)).toBe(200);
  expect(await statusOf('PATCH', `/v1/domains/${String(other['id'])}`, key.token, signing)).toBe(
    404,
  );
  // No route of credentials says how it would be limited to a domain.
  expect(await statusOf('GET', '/v1/credentials', key.token)).toBe(404);
});

test('a key for the domain of another tenant is not made', async () => {
  const body = { name: 'Neighbour', domain: 'neighbour.example' };
  const { body: made } = await identity.call('POST', '/v1/tenants', operator, body);
  const theirs = String(made['ownerToken']);
  const { body: list } = await identity.call('GET', '/v1/domains', theirs);
  const [domain] = list['domains'] as [{ id: string }];
  const wish = { scopes: ['domains:read'], domain: domain.id };
  expect(await statusOf('POST', '/v1/tokens', owner, wish)).toBe(404);
  // And nobody rotates the key of another tenant.
  const key = await create({});
  expect(await statusOf('POST', `/v1/tokens/${key.id}/rotate`, theirs, {})).toBe(404);
  expect(await statusOf('POST', `/v1/tokens/${key.id}/rotate`, operator, {})).toBe(404);
});

test('a key has no scope beyond its realm, and no operator makes a key of a tenant', async () => {
  for (const body of [
    { scopes: ['held:read'] },
    { scopes: ['tokens:write'] },
    { scopes: ['everything'] },
    { scopes: [] },
    { role: 'operator', scopes: ['messages:read'] },
    { role: 'operator', domain: 'd1' },
    { role: 'operator', label: 'x' },
  ]) {
    const creator = body.role === 'operator' ? operator : owner;
    expect([body, await statusOf('POST', '/v1/tokens', creator, body)]).toEqual([body, 400]);
  }
  expect(await statusOf('POST', '/v1/tokens', operator, { tenant })).toBe(404);
  const wish = { tenant, scopes: ['domains:read'] };
  expect(await statusOf('POST', '/v1/tokens', operator, wish)).toBe(404);
  const monitor = await create({ role: 'operator', scopes: ['held:read'] }, operator);
  expect(await statusOf('GET', '/v1/tokens', monitor.token)).toBe(404);
});

test('label and networks are sealed, and the key is accepted from its networks only', async () => {
  const label = 'Dashboard of Zoe';
  const here = await create({ label, networks: ['192.0.2.0/24', '127.0.0.0/8'] });
  const elsewhere = await create({ label, networks: ['192.0.2.0/24'] });
  expect(await statusOf('GET', '/v1/domains', here.token)).toBe(200);
  expect(await statusOf('GET', '/v1/domains', elsewhere.token)).toBe(401);
  const line = { event: 'token.from_elsewhere', tenant, token: elsewhere.id };
  const lines = identity.lines.map((one) => JSON.parse(one) as unknown);
  expect(lines).toContainEqual(expect.objectContaining(line));
  expect(await row(here.id)).toMatchObject({ label, networks: ['192.0.2.0/24', '127.0.0.0/8'] });
  const stored = JSON.stringify([await documentOf(here.id), await stateOf(here.id)]);
  expect(stored).not.toMatch(/Zoe|192\.0\.2|127\.0\.0/);
  expect(identity.lines.join('')).not.toMatch(/Zoe|192\.0\.2/);

  // Other services see that they have to ask.
  expect(await stateOf(elsewhere.id)).toMatchObject({ role: 'restricted', atIdentity: true });
  const ask = (hash: string, address: string) =>
    identity.client.call(internalApis.principalOf, { hash, address });
  const hash = hashToken(elsewhere.token);
  expect((await ask(hash, '198.51.100.7')).principal).toBeNull();
  expect((await ask(hash, '::ffff:192.0.2.7')).principal).toMatchObject({
    kind: 'token',
    id: elsewhere.id,
    permissions: [...permissionsOf('owner')],
  });
  expect((await ask('unknown', '192.0.2.7')).principal).toBeNull();
});

test("the networks of an operator's key are sealed in the operators' realm", async () => {
  const networks = ['127.0.0.1/32'];
  const key = await create({ role: 'operator', networks }, operator);
  expect(await statusOf('GET', '/v1/tokens', key.token)).toBe(200);
  expect(await row(key.id, operator)).toMatchObject({ networks, role: 'operator' });
  expect(JSON.stringify(await documentOf(key.id))).not.toContain('127.0.0');
  expect(await statusOf('GET', `/v1/tenants/${operatorRealm}`, operator)).toBe(404);
});

test("a tenant's key expires if it has a lifetime, and is revoked by the job", async () => {
  const key = await create({ days: 1 });
  const { createdAt, expiresAt } = (await row(key.id)) as Row;
  expect(Date.parse(String(expiresAt)) - Date.parse(String(createdAt))).toBe(86_400_000);
  expect((await row((await create({})).id))?.['expiresAt']).toBeNull();
  await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tokens').updateOne({ _id: key.id as never }, { $set: { expiresAt: 1 } }),
  );
  expect(await statusOf('GET', '/v1/domains', key.token)).toBe(401);
  await using rooms = await openRooms(world);
  await rooms.stores.tokens.revokeExpired();
  await eventually(async () => expect(await documentOf(key.id)).toMatchObject({ deleted: true }));
  expect(await statusOf('GET', '/v1/domains', owner)).toBe(200);
});

test('a rotated key stays valid for the overlap, and its successor has the same limits', async () => {
  const limits = { label: 'ci', scopes: ['domains:read'], networks: ['127.0.0.0/8'], days: 30 };
  const old = await create(limits);
  const url = `/v1/tokens/${old.id}/rotate`;
  const { status, body } = await identity.call('POST', url, owner, { hours: 2 });
  expect(status).toBe(201);
  const made = body as unknown as Key & { replaces: { id: string; expiresAt: string } };
  expect(made.replaces.id).toBe(old.id);
  const left = Date.parse(made.replaces.expiresAt) - Date.now();
  expect(left).toBeGreaterThan(7_100_000);
  expect(left).toBeLessThanOrEqual(7_200_000);
  expect(await documentOf(old.id)).toMatchObject({ replacedBy: made.id });
  for (const { token } of [old, made]) {
    expect(await statusOf('GET', '/v1/domains', token)).toBe(200);
    expect(await statusOf('GET', '/v1/credentials', token)).toBe(404);
  }
  const { id, ...successor } = (await row(made.id)) as Row;
  expect(successor).toMatchObject({
    label: 'ci',
    scopes: limits.scopes,
    networks: limits.networks,
  });
  const { createdAt, expiresAt } = successor;
  expect(Date.parse(String(expiresAt)) - Date.parse(String(createdAt))).toBe(30 * 86_400_000);
  // A key has one successor, which may have one of its own.
  expect(await statusOf('POST', url, owner, {})).toBe(409);
  const next = `/v1/tokens/${id}/rotate`;
  expect(await statusOf('POST', next, owner, { hours: 0 })).toBe(201);
  expect(await statusOf('GET', '/v1/domains', made.token)).toBe(401);
});

test('the last use of a key is shown, also of one that is used in another service', async () => {
  const used = await create({});
  const unused = await create({});
  const at = Date.now() - 1_000;
  const report = (token: string, time: number) =>
    identity.client.call(internalApis.reportUse, {
      uses: [
        { kind: 'token', id: token, at: time },
        { kind: 'credential', id: 'none', at: time },
      ],
    });
  await report(used.id, at);
  // An older report changes nothing, and a clock that is ahead is not believed.
  await report(used.id, at - 5_000);
  expect((await row(used.id))?.['lastUsedAt']).toBe(new Date(at).toISOString());
  await report(used.id, Date.now() + 3_600_000);
  const lastUsedAt = Date.parse(String((await row(used.id))?.['lastUsedAt']));
  expect(lastUsedAt).toBeLessThanOrEqual(Date.now());
  expect((await row(unused.id))?.['lastUsedAt']).toBeNull();
  expect(await documentOf(used.id)).toMatchObject({ version: 1 });
});
