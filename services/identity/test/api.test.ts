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
let operator: string;

interface Customer {
  readonly tenant: { readonly id: string; readonly name: string; readonly domain: string };
  readonly ownerToken: string;
  readonly credential: {
    readonly id: string;
    readonly username: string;
    readonly password: string;
  };
}

async function register(name: string, domain: string): Promise<Customer> {
  const answer = await identity.call('POST', '/v1/tenants', operator, { name, domain });
  expect(answer.status).toBe(201);
  return answer.body as unknown as Customer;
}

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  await using rooms = await openRooms(world);
  operator = (
    await rooms.stores.tokens.create(tester, {
      role: 'operator',
      tenant: null,
      days: 365,
    })
  ).token;
});

afterAll(() => opened.disposeAsync());

test('if there is only one tenant, an operator need not name it for a network', async () => {
  const { tenant, ownerToken } = await register('Only', 'only.example.org');
  const network = '198.51.100.0/24';
  const made = await identity.call('POST', '/v1/credentials', operator, { label: 'mfp', network });
  expect(made).toEqual({ status: 201, body: { id: expect.any(String), network } });
  const list = await identity.call('GET', '/v1/credentials', ownerToken);
  expect(list.body['credentials']).toContainEqual({
    id: made.body['id'],
    type: 'network',
    label: 'mfp',
    network,
    createdAt: expect.any(String),
    lastUsedAt: null,
    senders: null,
    networks: null,
    sandbox: false,
    expiresAt: null,
    purpose: null,
    basis: null,
    previousUntil: null,
  });
  expect((await identity.call('GET', `/v1/tenants/${tenant.id}`, ownerToken)).status).toBe(200);
});

test('a tenant is registered with everything it needs, and its secrets are shown once', async () => {
  const made = await register('Müller & Söhne', 'Bücher.example');
  expect(made).toEqual({
    tenant: { id: expect.any(String), name: 'Müller & Söhne', domain: 'xn--bcher-kva.example' },
    ownerToken: expect.stringMatching(/^mysmtp_[\w-]{43}$/),
    credential: {
      id: expect.any(String),
      username: expect.stringMatching(/^mys_[a-z2-7]{16}$/),
      password: expect.stringMatching(/^[a-z2-7]{32}$/),
    },
  });
  const read = await identity.call('GET', `/v1/tenants/${made.tenant.id}`, made.ownerToken);
  expect(read.body['tenant']).toMatchObject({ name: 'Müller & Söhne', owner: null });
  // RFC 9562 4: a UUID is accepted in any case.
  const capitals = `/v1/tenants/${made.tenant.id.toUpperCase()}`;
  expect(await identity.call('GET', capitals, made.ownerToken)).toEqual(read);
  const lists = await Promise.all(
    ['credentials', 'domains', 'tokens'].map((what) =>
      identity.call('GET', `/v1/${what}`, made.ownerToken),
    ),
  );
  expect(lists.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(lists[1]?.body['domains']).toEqual([
    {
      id: expect.any(String),
      name: 'xn--bcher-kva.example',
      signing: 'ours',
      status: 'unverified',
    },
  ]);
  const shown = JSON.stringify(lists);
  expect(shown).toContain(made.credential.username);
  expect(shown).not.toContain(made.credential.password);
  expect(shown).not.toContain(made.ownerToken);
});

test('no personal data is in clear in the database or in the log', async () => {
  const { tenant, ownerToken } = await register('Zacharias Quux', 'zacharias.example');
  const label = 'printer of Zacharias';
  await identity.call('POST', '/v1/credentials', ownerToken, { label });
  const network = { network: '203.0.113.0/25', tenant: tenant.id };
  expect((await identity.call('POST', '/v1/credentials', operator, network)).status).toBe(201);

  const documents = await readDatabase(world.mongodbUrl, async (db) => {
    const collections = await db.collections();
    return Promise.all(collections.map((collection) => collection.find().toArray()));
  });
  const everything = identity.lines.join('') + JSON.stringify(documents);
  expect(everything).toContain(tenant.id);
  for (const secret of ['acharias', '203.0.113', ownerToken, ownerToken.slice(7)]) {
    expect(everything).not.toContain(secret);
  }
});

test('domains: added by the operator or the owner, changed and removed by the owner', async () => {
  const { tenant, ownerToken } = await register('Domains', 'one.example');
  const body = { tenant: tenant.id, name: 'Two.example' };
  const made = await identity.call('POST', '/v1/domains', operator, body);
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'two.example', signing: 'ours', status: 'unverified' },
  });
  const again = await identity.call('POST', '/v1/domains', ownerToken, { name: 'two.example' });
  expect(again.status).toBe(409);
  const url = `/v1/domains/${String(made.body['id'])}`;
  const changed = await identity.call('PATCH', url, ownerToken, { signing: 'customer' });
  expect(changed).toMatchObject({
    status: 200,
    body: { name: 'two.example', signing: 'customer' },
  });
  expect((await identity.call('PATCH', url, ownerToken, { signing: 'nobody' })).status).toBe(400);

  expect((await identity.call('DELETE', url, ownerToken)).status).toBe(204);
  expect((await identity.call('DELETE', url, ownerToken)).status).toBe(404);
  expect((await identity.call('PATCH', url, ownerToken, { signing: 'ours' })).status).toBe(404);
  const list = await identity.call('GET', '/v1/domains', ownerToken);
  expect((list.body['domains'] as { name: string }[]).map(({ name }) => name)).toEqual([
    'one.example',
  ]);
  // A removed domain is free again.
  expect((await identity.call('POST', '/v1/domains', ownerToken, body)).status).toBe(201);
});

test('a claim blocks nobody; an operator vouches for one tenant at a time, with a recorded reason', async () => {
  const vouch = { reason: 'The contract of Ms Quux names it' };
  const first = await register('Claimant', 'claimed.example');
  const second = await register('Owner', 'claimed.example');
  const idOf = async ({ ownerToken }: Customer) => {
    const { body } = await identity.call('GET', '/v1/domains', ownerToken);
    return (body['domains'] as { id: string }[])[0]?.id ?? '';
  };
  const urls = [await idOf(first), await idOf(second)].map((id) => `/v1/domains/${id}/vouch`);
  const [one = '', two = ''] = urls;
  for (const { tenant } of [first, second]) {
    const access = { tenant: tenant.id, reason: 'A claim', ticket: 'SUP-1', minutes: 30 };
    expect((await identity.call('POST', '/v1/accesses', operator, access)).status).toBe(201);
  }
  const mine = { name: 'more.example', vouch };
  expect((await identity.call('POST', '/v1/domains', first.ownerToken, mine)).status).toBe(404);
  expect((await identity.call('POST', one, first.ownerToken, vouch)).status).toBe(404);
  expect((await identity.call('POST', one, operator, {})).status).toBe(400);

  const vouched = { name: 'claimed.example', status: 'vouched' };
  expect(await identity.call('POST', two, operator, vouch)).toMatchObject({ body: vouched });
  expect((await identity.call('POST', one, operator, vouch)).status).toBe(409);
  const third = { name: 'Third', domain: 'claimed.example', vouch };
  expect((await identity.call('POST', '/v1/tenants', operator, third)).status).toBe(409);
  const [document] = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('domains').find({ tenant: second.tenant.id }).toArray(),
  );
  expect(document).toMatchObject({
    vouchedBy: expect.stringMatching(/^token:/),
    vouchedAt: expect.any(Number),
    vouchReason: expect.not.stringContaining('Quux'),
    dkim: 'missing',
  });
  expect(document).not.toHaveProperty('reservedAt');

  const withoutDns = { ...vouch, withoutDns: true };
  expect((await identity.call('POST', two, operator, withoutDns)).status).toBe(200);
  const claim = { name: 'claimed.example', status: 'unverified' };
  expect(await identity.call('DELETE', two, operator)).toMatchObject({ status: 200, body: claim });
  expect(await identity.call('POST', one, operator, vouch)).toMatchObject({ body: vouched });
});

test('an account has a limited number of domains that are not verified', async () => {
  const { ownerToken } = await register('Many', 'many.example');
  const add = async (n: number) => {
    const body = { name: `${String(n)}.many.example` };
    return (await identity.call('POST', '/v1/domains', ownerToken, body)).status;
  };
  for (let n = 1; n < 50; n += 1) expect(await add(n)).toBe(201);
  expect(await add(50)).toBe(409);
});

test('a credential: created, listed, revoked', async () => {
  const { ownerToken } = await register('Credentials', 'credentials.example');
  const made = await identity.call('POST', '/v1/credentials', ownerToken, { label: 'web shop' });
  expect(made.body).toEqual({
    id: expect.any(String),
    username: expect.any(String),
    password: expect.any(String),
  });
  const url = `/v1/credentials/${String(made.body['id'])}`;
  expect((await identity.call('DELETE', url, ownerToken)).status).toBe(204);
  expect((await identity.call('DELETE', url, ownerToken)).status).toBe(404);
  const { credentials } = (await identity.call('GET', '/v1/credentials', ownerToken)).body;
  expect(credentials).toHaveLength(1);
});

test('only an operator may create a network credential', async () => {
  const { ownerToken } = await register('Networks', 'networks.example');
  const body = { network: '192.0.2.0/28' };
  expect((await identity.call('POST', '/v1/credentials', ownerToken, body)).status).toBe(404);
  // By now there are many tenants.
  expect((await identity.call('POST', '/v1/credentials', operator, body)).status).toBe(400);
});

test("tokens: an owner creates another owner's, an operator another operator's only, and a revoked one is refused at once", async () => {
  const { tenant, ownerToken } = await register('Tokens', 'tokens.example');
  const second = await identity.call('POST', '/v1/tokens', ownerToken, {});
  const secondToken = String(second.body['token']);
  expect((await identity.call('GET', '/v1/domains', secondToken)).status).toBe(200);
  await using elsewhere = await startIdentity(world);
  expect((await elsewhere.call('GET', '/v1/domains', secondToken)).status).toBe(200);

  const url = `/v1/tokens/${String(second.body['id'])}`;
  expect((await identity.call('DELETE', url, ownerToken)).status).toBe(204);
  const never = await identity.call('GET', '/v1/domains', 'mysmtp_never');
  expect(never.status).toBe(401);
  expect(await identity.call('GET', '/v1/domains', secondToken)).toEqual(never);
  expect(await elsewhere.call('GET', '/v1/domains', secondToken)).toEqual(never);

  const wish = { role: 'operator' };
  expect((await identity.call('POST', '/v1/tokens', ownerToken, wish)).status).toBe(404);
  const colleague = await identity.call('POST', '/v1/tokens', operator, wish);
  const seen = await identity.call('GET', '/v1/tokens', String(colleague.body['token']));
  expect(JSON.stringify(seen.body)).toContain(String(colleague.body['id']));
  const forOwner = await identity.call('POST', '/v1/tokens', operator, { tenant: tenant.id });
  expect(forOwner.status).toBe(404);
});

test("an operator's token has a name and an expiry, an owner's has none", async () => {
  const wish = { role: 'operator', name: 'on-call-2026', days: 30 };
  const named = await identity.call('POST', '/v1/tokens', operator, wish);
  const usual = await identity.call('POST', '/v1/tokens', operator, { role: 'operator' });
  expect([named.status, usual.status]).toEqual([201, 201]);
  const { body } = await identity.call('GET', '/v1/tokens', operator);
  const all = body['tokens'] as {
    id: string;
    name: string;
    createdAt: string;
    expiresAt: string;
  }[];
  const find = (id: unknown) => all.find((token) => token.id === id);
  const daysOf = (id: unknown) => {
    const { createdAt = '', expiresAt = '' } = find(id) ?? {};
    return (Date.parse(expiresAt) - Date.parse(createdAt)) / 86_400_000;
  };
  expect(find(named.body['id'])?.name).toBe('on-call-2026');
  expect(daysOf(named.body['id'])).toBe(30);
  expect(find(usual.body['id'])?.name).toBe(`operator-${String(usual.body['id']).slice(0, 8)}`);
  expect(daysOf(usual.body['id'])).toBe(90);

  const { ownerToken } = await register('Endless', 'endless.example');
  const own = await identity.call('GET', '/v1/tokens', ownerToken);
  expect(own.body['tokens']).toMatchObject([{ name: null, expiresAt: null }]);
});

test('an expired token of an operator is refused at once, and revoked by the job', async () => {
  const { body } = await identity.call('POST', '/v1/tokens', operator, {
    role: 'operator',
    days: 1,
  });
  const token = String(body['token']);
  const id = String(body['id']);
  expect((await identity.call('GET', '/v1/tokens', token)).status).toBe(200);
  const past = Date.now() - 1;
  await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tokens').updateOne({ _id: id as never }, { $set: { expiresAt: past } }),
  );
  expect((await identity.call('GET', '/v1/tokens', token)).status).toBe(401);

  await using rooms = await openRooms(world);
  await rooms.stores.tokens.revokeExpired();
  const document = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tokens').findOne({ _id: id as never }),
  );
  expect(document).toMatchObject({ deleted: true });
  expect(document).not.toHaveProperty('hash');
  // By this call, or by the job of the running service.
  await eventually(() => {
    const lines = [...identity.lines, ...rooms.lines].filter((line) => line.includes(id));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
      expect.objectContaining({ event: 'token.expired', actor: 'job:expire-tokens', token: id }),
    );
  });
  // No other token was revoked with it.
  expect((await identity.call('GET', '/v1/tokens', operator)).status).toBe(200);
});

test('each write is logged with its actor and its object', async () => {
  const made = await identity.call('POST', '/v1/tokens', operator, { role: 'operator' });
  const alice = String(made.body['token']);
  const act = async (method: string, path: string, body?: unknown) => {
    const answer = await identity.call(method, path, alice, body);
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return answer.body;
  };
  const customer = await act('POST', '/v1/tenants', { name: 'Acted', domain: 'acted.example' });
  const tenant = (customer['tenant'] as Customer['tenant']).id;
  const domain = await act('POST', '/v1/domains', { tenant, name: 'acted-too.example' });
  await act('POST', '/v1/accesses', { tenant, reason: 'Test', ticket: 'T-1', minutes: 1 });
  await act('PATCH', `/v1/domains/${String(domain['id'])}`, { signing: 'customer' });
  await act('POST', `/v1/domains/${String(domain['id'])}/vouch`, { reason: 'In a test' });
  await act('DELETE', `/v1/domains/${String(domain['id'])}/vouch`);
  await act('DELETE', `/v1/domains/${String(domain['id'])}`);
  const credential = await act('POST', '/v1/credentials', { tenant, network: '192.0.2.128/30' });
  await act('DELETE', `/v1/credentials/${String(credential['id'])}`);
  const token = await act('POST', '/v1/tokens', { role: 'operator' });
  await act('DELETE', `/v1/tokens/${String(token['id'])}`);

  const actor = `token:${String(made.body['id'])}`;
  const linesOf = () =>
    identity.lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['actor'] === actor);
  const writes = linesOf().filter(({ event }) => event !== 'operator.acted');
  expect(writes).toMatchObject([
    { event: 'token.created', tenant },
    { event: 'credential.created', tenant },
    { event: 'domain.added', tenant },
    { event: 'tenant.registered', tenant },
    { event: 'domain.added', tenant, domain: domain['id'] },
    { event: 'access.opened', tenant },
    { event: 'domain.changed', tenant, domain: domain['id'] },
    { event: 'domain.vouched', tenant, domain: domain['id'] },
    { event: 'domain.vouch_ended', tenant, domain: domain['id'] },
    { event: 'domain.removed', tenant, domain: domain['id'] },
    { event: 'credential.created', tenant, credential: credential['id'] },
    { event: 'credential.revoked', tenant, credential: credential['id'] },
    { event: 'token.created', token: token['id'] },
    { event: 'token.revoked', token: token['id'] },
  ]);
  // The line is written after the answer.
  await eventually(() => {
    const deleted = linesOf().filter((line) => line['method'] === 'delete');
    const objects = deleted.map(({ object }) => object);
    expect(objects).toEqual([domain['id'], domain['id'], credential['id'], token['id']]);
  });
});

test("another tenant's id is answered with 404, and the attempt is logged (ASVS 8.2.2)", async () => {
  const mine = await register('Mine', 'mine.example');
  const theirs = await register('Theirs', 'theirs.example');
  const domains = await identity.call('GET', '/v1/domains', theirs.ownerToken);
  const [domain] = domains.body['domains'] as [{ id: string }];
  const tokens = await identity.call('GET', '/v1/tokens', theirs.ownerToken);
  const [token] = tokens.body['tokens'] as [{ id: string }];
  const tries: [string, string, unknown?][] = [
    ['GET', `/v1/tenants/${theirs.tenant.id}`],
    ['GET', `/v1/domains?tenant=${theirs.tenant.id}`],
    ['GET', `/v1/credentials?tenant=${theirs.tenant.id}`],
    ['GET', `/v1/tokens?tenant=${theirs.tenant.id}`],
    ['PATCH', `/v1/domains/${domain.id}`, { signing: 'customer' }],
    ['DELETE', `/v1/domains/${domain.id}`],
    ['DELETE', `/v1/credentials/${theirs.credential.id}`],
    ['DELETE', `/v1/tokens/${token.id}`],
    ['POST', '/v1/credentials', { tenant: theirs.tenant.id }],
    ['POST', '/v1/tokens', { tenant: theirs.tenant.id }],
  ];
  const before = identity.lines.filter((line) => line.includes('access.foreign')).length;
  const nothing: Answer = await identity.call('DELETE', '/v1/domains/none', mine.ownerToken);
  expect(nothing.status).toBe(404);
  for (const [method, path, body] of tries) {
    expect(await identity.call(method, path, mine.ownerToken, body)).toEqual(nothing);
  }
  const logged = identity.lines.filter((line) => line.includes('access.foreign'));
  expect(logged).toHaveLength(before + tries.length);
  expect(logged.every((line) => line.includes(mine.tenant.id) || line.includes('tenant'))).toBe(
    true,
  );
  expect(await identity.metrics.metrics()).toMatch(/http_refused_total\{reason="foreign"\} [1-9]/);
  // Nothing of the other tenant has changed.
  expect(await identity.call('GET', '/v1/domains', theirs.ownerToken)).toEqual(domains);
});

test.each<[string, string, unknown]>([
  ['POST', '/v1/tenants', { name: { $gt: '' }, domain: 'evil.example' }],
  ['POST', '/v1/tenants', '{"name":"x","domain":"evil.example","__proto__":{"status":"x"}}'],
  ['POST', '/v1/tenants', { name: 'x', domain: 'evil.example', status: 'suspended' }],
  ['POST', '/v1/tenants', { name: 'x\r\ny', domain: 'evil.example' }],
  ['POST', '/v1/tenants', { name: 'x', domain: 'evil.example', owner: 'a@b.example,c@d.example' }],
  ['POST', '/v1/domains', { tenant: { $ne: null }, name: 'evil.example' }],
  ['POST', '/v1/credentials', { label: ['x'] }],
  ['POST', '/v1/credentials', { network: { $regex: '' } }],
  ['POST', '/v1/credentials', { network: '0.0.0.0/0' }],
  ['POST', '/v1/tokens', { role: 'root' }],
  ['POST', '/v1/tokens', { hash: 'x' }],
  ['POST', '/v1/tokens', { role: 'operator', days: 366 }],
  ['POST', '/v1/tokens', { role: 'operator', days: 0 }],
  ['POST', '/v1/tokens', { role: 'operator', name: 'Alice Example' }],
  ['POST', '/v1/tokens', { name: 'owner' }],
  ['GET', '/v1/domains?tenant[$ne]=x', undefined],
])(
  'operator objects and mass assignment are refused: %s %s %j (ASVS 15.3.3)',
  async (...request) => {
    const [method, path, body] = request;
    expect((await identity.call(method, path, operator, body)).status).toBe(400);
  },
);

test('while privacy is down nothing is registered, and the answer says to retry', async () => {
  await world.privacy.stop();
  try {
    const body = { name: 'Later', domain: 'later.example' };
    const refused = await identity.call('POST', '/v1/tenants', operator, body);
    expect(refused.status).toBe(503);
  } finally {
    await world.privacy.start();
  }
  await register('Later', 'later.example');
});
