import { hour, internalApis, minute } from '@mysmtp/contracts';
import type { Projection } from '@mysmtp/projection';
import { eventually, freshDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Customer } from './support/customers.ts';
import { readDatabase } from './support/documents.ts';
import { openErasing, type Erasing } from './support/erasing.ts';
import { openKnowledge } from './support/knowledge.ts';

const opened = new AsyncDisposableStack();
let erasing: Erasing;
let customer: Customer;
let other: Customer;
/** What ingress knows. */
let projection: Projection;

beforeAll(async () => {
  erasing = opened.use(await openErasing());
  const { world, identity } = erasing;
  const database = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  const connection = await mongoose.createConnection(database.url).asPromise();
  opened.defer(() => connection.close());
  const collection = connection.collection('identity');
  projection = opened.adopt(await openKnowledge(world, identity, collection), (it) => it.close());
  customer = await erasing.register();
  other = await erasing.register();
});
afterAll(() => opened.disposeAsync());

const call = (method: string, path: string, body?: unknown, token = customer.token) =>
  erasing.identity.call(method, `/v1/credentials${path}`, token, body);
async function create(body: unknown) {
  const { status, body: made } = await call('POST', '', body);
  expect(status).toBe(201);
  return made as { id: string; username: string; password: string };
}
async function listed(id: string) {
  const { body } = await call('GET', '');
  return (body['credentials'] as { id: string }[]).find((one) => one.id === id);
}
const stored = (id: string) =>
  readDatabase(erasing.world.mongodbUrl, (db) =>
    db.collection('credentials').findOne({ _id: id as never }),
  );
const published = (id: string) => projection.get('credential', id);

const settings = {
  label: 'web shop',
  senders: ['Shop@example.org', 'news.example.org'],
  networks: ['192.0.2.0/24', '2001:db8::/48'],
  sandbox: true,
  expiresAt: '2030-01-31T12:00:00.000Z',
  purpose: 'order confirmations',
  basis: 'contract',
};

test('what a customer sets is listed, sealed in the database, and published without purpose and basis', async () => {
  const { id } = await create(settings);
  expect(await listed(id)).toMatchObject({ ...settings, previousUntil: null, lastUsedAt: null });
  const document = await stored(id);
  expect(Object.keys(document ?? {})).toEqual(
    expect.arrayContaining(['senders', 'senderIndexes', 'networks', 'purpose', 'basis']),
  );
  expect(JSON.stringify(document)).not.toMatch(/web shop|example\.org|192\.0\.2|2001:db8|order/);
  await eventually(() => expect(published(id)).toBeDefined());
  expect(published(id)).toEqual({
    kind: 'password',
    tenant: customer.id,
    username: expect.any(String) as unknown,
    secretHash: expect.any(String) as unknown,
    networks: expect.any(String) as unknown,
    senders: [expect.any(String), expect.any(String)] as unknown,
    sandbox: true,
    expiresAt: Date.parse(settings.expiresAt),
  });
  expect(JSON.stringify(published(id))).not.toMatch(/example\.org|192\.0\.2/);
});

test('an internationalised domain is kept as A-labels; what is no address, domain or network is refused', async () => {
  const { id } = await create({ senders: ['a@bücher.example'], sandbox: false });
  expect(await listed(id)).toMatchObject({ senders: ['a@xn--bcher-kva.example'], sandbox: false });
  for (const body of [
    { senders: ['@example.org'] },
    { senders: ['a b@example.org'] },
    { senders: ['a@b@example.org'] },
    { senders: ['example'] },
    { senders: [] },
    { senders: [{ $gt: '' }] },
    { networks: ['0.0.0.0/0'] },
    { networks: ['192.0.2.1'] },
    { expiresAt: 'tomorrow' },
    { basis: 'other' },
    { purpose: 'two\r\nlines' },
    { secretHash: 'x' },
  ]) {
    expect((await call('POST', '', body)).status, JSON.stringify(body)).toBe(400);
    expect((await call('PATCH', `/${id}`, body)).status, JSON.stringify(body)).toBe(400);
  }
});

test('a change replaces what it names, removes what is null, and keeps the rest', async () => {
  const { id, username } = await create(settings);
  const changes = { senders: null, networks: null, expiresAt: null, sandbox: false, label: 'shop' };
  const { status, body } = await call('PATCH', `/${id}`, changes);
  expect(status).toBe(200);
  expect(body).toMatchObject({ ...settings, ...changes, username });
  expect(await listed(id)).toEqual(body);
  await eventually(() =>
    expect(published(id)).toEqual({
      kind: 'password',
      tenant: customer.id,
      username,
      secretHash: expect.any(String) as unknown,
    }),
  );
});

test('a rotation shows a new password once, and the old one stays valid for the overlap', async () => {
  const { id, username, password } = await create({});
  await eventually(() => expect(published(id)).toBeDefined());
  const before = published(id);
  const at = Date.now();
  const { status, body } = await call('POST', `/${id}/rotate`, { overlapMinutes: 60 });
  expect(status).toBe(200);
  expect(body).toMatchObject({ id, username });
  expect(body['password']).not.toBe(password);
  const until = Date.parse(body['previousUntil'] as string);
  expect(until).toBeGreaterThanOrEqual(at + hour);
  expect(until).toBeLessThan(at + hour + minute);
  await eventually(() =>
    expect(published(id)).toMatchObject({
      previous: { secretHash: before && 'secretHash' in before && before.secretHash, until },
    }),
  );
  expect(await listed(id)).toMatchObject({ previousUntil: body['previousUntil'] });
  expect(JSON.stringify(await stored(id))).not.toContain(body['password']);

  const atOnce = await call('POST', `/${id}/rotate`, { overlapMinutes: 0 });
  expect(atOnce.body).toMatchObject({ previousUntil: null });
  expect(await listed(id)).toMatchObject({ previousUntil: null });
});

test('of two rotations at once, each password that is shown is valid, or the answer is 409', async () => {
  const { id } = await create({});
  const both = await Promise.all([1, 2].map(() => call('POST', `/${id}/rotate`, {})));
  const shown = both.filter(({ status }) => status === 200);
  expect(both.every(({ status }) => status === 200 || status === 409)).toBe(true);
  const document = await stored(id);
  const valid = [document?.['secretHash'], document?.['previous'].secretHash] as string[];
  const { hashPassword } = await import('../src/credentials/secret.ts');
  for (const { body } of shown) expect(valid).toContain(hashPassword(body['password'] as string));
});

test('a network credential has no password and no list of networks', async () => {
  const [network] = customer.ids.credentials;
  const { body } = await call('GET', '');
  const { id } = (body['credentials'] as { id: string; type: string }[]).find(
    ({ type }) => type === 'network',
  ) ?? { id: network };
  expect((await call('POST', `/${id ?? ''}/rotate`, {})).status).toBe(409);
  expect((await call('PATCH', `/${id ?? ''}`, { networks: ['192.0.2.0/24'] })).status).toBe(409);
  expect((await call('PATCH', `/${id ?? ''}`, { sandbox: true })).status).toBe(200);
});

test("another tenant's credential is not there", async () => {
  const { id } = await create({});
  for (const [method, path, body] of [
    ['PATCH', `/${id}`, { sandbox: true }],
    ['POST', `/${id}/rotate`, {}],
  ] as const) {
    expect((await call(method, path, body, other.token)).status).toBe(404);
  }
  expect(await listed(id)).toMatchObject({ sandbox: false, previousUntil: null });
});

test('reported uses are kept, the newest one of each credential, and no others', async () => {
  const { id } = await create({});
  const version = (await stored(id))?.['version'] as number;
  const report = (uses: { id: string; at: number }[]) =>
    erasing.identity.client.call(internalApis.reportUse, {
      uses: uses.map((use) => ({ kind: 'credential' as const, ...use })),
    });
  await report([{ id, at: 2_000 }]);
  await report([
    { id, at: 1_000 },
    { id: 'unknown', at: 1_000 },
  ]);
  expect(await listed(id)).toMatchObject({ lastUsedAt: '1970-01-01T00:00:02.000Z' });
  // It is no change for other services.
  expect(await stored(id)).toMatchObject({ version, lastUsedAt: 2_000 });
  await call('DELETE', `/${id}`);
  await report([{ id, at: 3_000 }]);
  expect(Object.keys((await stored(id)) ?? {})).not.toContain('lastUsedAt');
});
