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
  // A key has one successor, which may have one of its own, also if two ask at once.
  const twice = await create(limits);
  const both = await Promise.all(
    [1, 2].map(() => statusOf('POST', `/v1/tokens/${twice.id}/rotate`, owner, {})),
  );
  expect(both.toSorted((a, b) => a - b)).toEqual([201, 409]);
  expect(await statusOf('POST', url, owner, {})).toBe(409);
  const next = `/v1/tokens/${id}/rotate`;
  expect(await statusOf('POST', next, owner, { hours: 0 })).toBe(201);
  expect(await statusOf('GET', '/v1/domains', made.token)).toBe(401);
});

test('a tenant has as many keys as its limit, also if many are created at once, and rotates each', async () => {
  const { body: made } = await identity.call('POST', '/v1/tenants', operator, {
    name: 'Many',
    domain: 'many.example',
  });
  const [{ id: theirs }, own] = [made['tenant'] as { id: string }, String(made['ownerToken'])];
  const limits = { limits: { apiKeys: 4 } };
  expect(await statusOf('PATCH', `/v1/tenants/${theirs}`, operator, limits)).toBe(200);
  const make = () => identity.call('POST', '/v1/tokens', own, { scopes: ['domains:read'] });
  const rows = async () =>
    (await identity.call('GET', '/v1/tokens', own)).body['tokens'] as (Row & { role: string })[];
  const answers = await Promise.all(Array.from({ length: 8 }, make));
  // At once they may refuse each other, so that fewer are created than the limit allows, and never more.
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toContain(409);
  expect(statuses.filter((status) => status !== 409 && status !== 201)).toEqual([]);
  expect((await rows()).length).toBeLessThanOrEqual(4);
  while ((await rows()).length < 4) expect((await make()).status).toBe(201);
  const refused = await make();
  expect(refused.body).toMatchObject({
    status: 409,
    detail: 'The limit of API keys of this account (4) is reached',
  });

  const rotate = (id: string) => identity.call('POST', `/v1/tokens/${id}/rotate`, own, {});
  const scoped = (await rows()).filter(({ scopes }) => scopes !== null);
  const successors: string[] = [];
  const rotated = async (id = '') => {
    const { status, body } = await rotate(id);
    expect(status).toBe(201);
    successors.push(String(body['id']));
  };
  for (const { id } of scoped) await rotated(id);
  // Each rotation leaves one more valid key.
  const [second, third] = successors;
  await rotated(second);
  expect((await rotate(third ?? '')).body).toMatchObject({
    status: 409,
    detail: 'The limit of API keys that are being replaced (4) is reached',
  });
  expect((await make()).status).toBe(409);
  expect(await statusOf('DELETE', `/v1/tokens/${scoped[0]?.id ?? ''}`, own)).toBe(204);
  await rotated(third);
  expect(await statusOf('DELETE', `/v1/tokens/${successors.at(-1) ?? ''}`, own)).toBe(204);
  expect((await make()).status).toBe(201);
});

/** The status, and the fields that the problem names. */
async function refusal(method: string, path: string, token: string, body: unknown) {
  const answer = await identity.call(method, path, token, body);
  const issues = (answer.body['issues'] ?? []) as { path: string }[];
  return [answer.status, ...issues.map((issue) => issue.path)];
}

test('a key makes keys with networks within its own only', async () => {
  const key = await create({ networks: ['127.0.0.0/8', '192.0.2.0/24'] });
  const make = (networks?: string[]) => refusal('POST', '/v1/tokens', key.token, { networks });
  expect(await make()).toEqual([400, 'networks']);
  expect(await make(['198.51.100.0/24'])).toEqual([400, 'networks']);
  expect(await make(['192.0.2.0/24', '192.0.2.0/23'])).toEqual([400, 'networks']);
  expect(await make(['192.0.2.128/25', '127.0.0.1/32'])).toEqual([201]);
  // An operator's key, too.
  const held = { role: 'operator', networks: ['127.0.0.0/8'] };
  const { token } = await create(held, operator);
  const wish = { role: 'operator' };
  expect(await refusal('POST', '/v1/tokens', token, wish)).toEqual([400, 'networks']);
  expect(await refusal('POST', '/v1/tokens', token, held)).toEqual([201]);
});

test('a key makes keys that end no later than itself', async () => {
  const key = await create({ days: 30 });
  const make = (days?: number) => refusal('POST', '/v1/tokens', key.token, { days });
  expect(await make()).toEqual([400, 'days']);
  // It was created a moment ago, so thirty days end later.
  expect(await make(30)).toEqual([400, 'days']);
  expect(await make(29)).toEqual([201]);
  // An operator's key has a default lifetime, which ends with the key that creates it.
  const short = await create({ role: 'operator', days: 7 }, operator);
  const wish = { role: 'operator', days: 7 };
  expect(await refusal('POST', '/v1/tokens', short.token, wish)).toEqual([400, 'days']);
  const made = await create({ role: 'operator' }, short.token);
  const end = (await row(short.id, operator))?.['expiresAt'];
  expect((await row(made.id, operator))?.['expiresAt']).toBe(end);
});

test('a key with scopes or of one domain makes no key, credential or account', async () => {
  const { body: all } = await identity.call('GET', '/v1/domains', owner);
  const [domain] = all['domains'] as [{ id: string }];
  const other = await create({});
  for (const limit of [{ domain: domain.id }, { scopes: ['credentials:read'] }]) {
    const { token } = await create(limit);
    for (const path of ['/v1/tokens', `/v1/tokens/${other.id}/rotate`, '/v1/credentials']) {
      expect([path, await statusOf('POST', path, token, {})]).toEqual([path, 404]);
    }
    const person = { address: 'new@example.org', role: 'reader' };
    expect(await statusOf('POST', '/v1/invitations', token, person)).toBe(404);
  }
});

test('a key rotates no key that is wider, and its own successor ends with it', async () => {
  const wide = await create({ days: 90 });
  const endless = await create({});
  const here = await create({ networks: ['127.0.0.0/8'] });
  const short = await create({ days: 30 });
  const rotate = (id: string, token: string) =>
    refusal('POST', `/v1/tokens/${id}/rotate`, token, { hours: 1 });
  expect(await rotate(wide.id, here.token)).toEqual([400, 'networks']);
  expect(await rotate(wide.id, short.token)).toEqual([400, 'expiresAt']);
  expect(await rotate(endless.id, short.token)).toEqual([400, 'expiresAt']);
  // A refused rotation has no effect.
  expect(await documentOf(wide.id)).not.toHaveProperty('replacedBy');
  const end = (await row(short.id))?.['expiresAt'];
  const made = await identity.call('POST', `/v1/tokens/${short.id}/rotate`, short.token, {});
  expect(made.status).toBe(201);
  expect((await row(String(made.body['id'])))?.['expiresAt']).toBe(end);
  expect(await rotate(endless.id, owner)).toEqual([201]);
});

test('an SMTP credential is no wider than the key that creates, changes or rotates it', async () => {
  const url = '/v1/credentials';
  const networks = ['127.0.0.0/8'];
  const here = (await create({ networks })).token;
  const short = (await create({ days: 2 })).token;
  const soon = new Date(Date.now() + 86_400_000).toISOString();
  const late = new Date(Date.now() + 3 * 86_400_000).toISOString();
  expect(await refusal('POST', url, here, {})).toEqual([400, 'networks']);
  expect(await refusal('POST', url, here, { networks: ['192.0.2.0/24'] })).toEqual([
    400,
    'networks',
  ]);
  expect(await refusal('POST', url, short, {})).toEqual([400, 'expiresAt']);
  expect(await refusal('POST', url, short, { expiresAt: late })).toEqual([400, 'expiresAt']);

  const made = await identity.call('POST', url, here, { networks });
  expect(made.status).toBe(201);
  const one = `${url}/${String(made.body['id'])}`;
  expect(await refusal('PATCH', one, here, { networks: null })).toEqual([400, 'networks']);
  expect(await refusal('PATCH', one, here, { networks: ['127.0.0.1/32'] })).toEqual([200]);
  expect(await refusal('PATCH', one, short, { expiresAt: late })).toEqual([400, 'expiresAt']);
  expect(await refusal('PATCH', one, short, { expiresAt: null })).toEqual([400, 'expiresAt']);
  // What concerns no limit of the key is changed, also of a wider credential.
  expect(await refusal('PATCH', one, short, { label: 'shop' })).toEqual([200]);
  expect(await refusal('POST', `${one}/rotate`, short, {})).toEqual([400, 'expiresAt']);
  expect(await refusal('PATCH', one, short, { expiresAt: soon })).toEqual([200]);
  expect(await refusal('POST', `${one}/rotate`, short, {})).toEqual([200]);
  expect(await refusal('PATCH', one, owner, { networks: null })).toEqual([200]);
  expect(await refusal('POST', `${one}/rotate`, here, {})).toEqual([400, 'networks']);
});

test('a key with networks or an end gives nobody access as a person', async () => {
  const limited = [await create({ networks: ['127.0.0.0/8'] }), await create({ days: 1 })];
  const provider = { issuer: 'https://login.example', clientId: 'x', domains: ['keys.example'] };
  const refusedFor = () =>
    identity.lines.filter((line) => line.includes('"event":"access.refused"')).length;
  for (const { token } of limited) {
    for (const [method, path, body] of [
      ['POST', '/v1/invitations', { address: 'new@example.org', role: 'reader' }],
      ['PATCH', '/v1/people/none', { role: 'admin' }],
      ['POST', '/v1/lost-factors/none/approve', undefined],
      ['PUT', '/v1/sign-in-provider', provider],
    ] as const) {
      const before = refusedFor();
      expect([path, await statusOf(method, path, token, body)]).toEqual([path, 404]);
      // Not because there is no such person or request.
      expect([path, refusedFor()]).toEqual([path, before + 1]);
    }
  }
  const person = { address: 'new@example.org', role: 'reader' };
  expect(await statusOf('POST', '/v1/invitations', owner, person)).toBe(201);
  // Every key of an operator ends.
  const first = { address: 'first@example.org', role: 'operator' };
  expect(await statusOf('POST', '/v1/invitations', operator, first)).toBe(201);
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
