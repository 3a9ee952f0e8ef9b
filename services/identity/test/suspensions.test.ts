import { internalApis, plans, type IdentityChange } from '@mysmtp/contracts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { register, type Customer } from './support/customers.ts';
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
let customer: Customer;

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  await using rooms = await openRooms(world);
  operator = (await rooms.stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
});
afterAll(() => opened.disposeAsync());
beforeEach(async () => {
  customer = await register(world, identity, operator);
});

const reason = 'Complaints about mail of Jane Doe';

async function suspend(more: object = {}): Promise<string> {
  const body = { tenant: customer.id, status: 'suspended', reason, ...more };
  const made = await identity.call('POST', '/v1/suspensions', operator, body);
  expect(made.status).toBe(201);
  return String(made.body['id']);
}

const answer = (id: string, lift: boolean, token = operator): Promise<Answer> =>
  identity.call('POST', `/v1/suspensions/${id}/answer`, token, { lift, text: 'We looked at it' });
const appeal = (id: string, token = customer.token): Promise<Answer> =>
  identity.call('POST', `/v1/suspensions/${id}/appeal`, token, { text: 'It was not us' });

/** The state that other services get. */
async function told(entity: 'tenant' | 'credential', id: string): Promise<IdentityChange['state']> {
  const page = await identity.client.call(internalApis.snapshot, { entities: [entity] });
  const found = page.changes.find((change) => change.id === id);
  if (found === undefined || !('state' in found)) throw new Error('Not in the snapshot');
  return found.state;
}

async function shown(token = customer.token): Promise<readonly Record<string, unknown>[]> {
  const { body } = await identity.call('GET', '/v1/suspensions', token);
  return body['suspensions'] as Record<string, unknown>[];
}

const newCredential = (token = customer.token): Promise<Answer> =>
  identity.call('POST', '/v1/credentials', token, { label: 'x' });

test('a suspended tenant reads why, changes nothing, appeals once, and is free again after an answer', async () => {
  const id = await suspend();
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'suspended' });
  const [own] = await shown();
  expect(own).toMatchObject({ id, credential: null, status: 'suspended', reason, liftedAt: null });
  const refused = await newCredential();
  expect(refused).toMatchObject({ status: 423, body: { type: 'urn:mysmtp:problem:suspended' } });
  expect((await identity.call('GET', '/v1/credentials', customer.token)).status).toBe(200);

  expect((await appeal(id)).status).toBe(204);
  expect((await appeal(id)).status).toBe(409);
  expect((await answer(id, false)).status).toBe(204);
  expect((await answer(id, false)).status).toBe(409);
  const [upheld] = await shown();
  expect(upheld).toMatchObject({
    appeal: { text: 'It was not us', at: expect.any(String) },
    answer: { text: 'We looked at it', at: expect.any(String) },
    liftedAt: null,
  });
  expect((await newCredential()).status).toBe(423);

  expect((await answer(id, true)).status).toBe(204);
  expect((await answer(id, true)).status).toBe(409);
  expect(await told('tenant', customer.id)).toEqual({ status: 'active', limits: plans.large });
  expect((await newCredential()).status).toBe(201);
});

test('texts are sealed in the database, and not in the log', async () => {
  const id = await suspend();
  await appeal(id);
  await answer(id, true);
  const [stored] = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('suspensions').find({ tenant: customer.id }).toArray(),
  );
  for (const field of ['reason', 'appeal', 'answer', 'appealedAt', 'answeredAt', 'liftedAt']) {
    expect(stored?.[field], field).toBeDefined();
  }
  const everything = JSON.stringify(stored) + identity.lines.join('\n');
  for (const text of ['Jane', 'not us', 'looked']) expect(everything).not.toContain(text);
});

test('a tenant that is both suspended and restricted is restricted, until that is lifted', async () => {
  const suspended = await suspend();
  const restricted = await suspend({ status: 'restricted' });
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'restricted' });
  expect((await newCredential()).body).toMatchObject({ type: 'urn:mysmtp:problem:restricted' });
  await answer(restricted, true);
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'suspended' });
  await answer(suspended, true);
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'active' });
});

test('one credential can be suspended; the tenant goes on', async () => {
  const [credential = ''] = customer.ids.credentials;
  const id = await suspend({ credential });
  expect(await told('credential', credential)).toMatchObject({ suspended: true });
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'active' });
  expect((await newCredential()).status).toBe(201);
  await answer(id, true);
  expect(await told('credential', credential)).not.toHaveProperty('suspended');
});

test('only an operator suspends and lifts, and no tenant sees what concerns another', async () => {
  const other = await register(world, identity, operator);
  const id = await suspend();
  const body = { tenant: other.id, status: 'suspended', reason };
  const refusals = [
    await identity.call('POST', '/v1/suspensions', other.token, body),
    await answer(id, true, other.token),
    await answer(id, true, customer.token),
    await appeal(id, other.token),
    await identity.call('GET', `/v1/suspensions?tenant=${customer.id}`, other.token),
  ];
  for (const { status } of refusals) expect([403, 404]).toContain(status);
  expect(await shown(other.token)).toEqual([]);
  expect(await told('tenant', customer.id)).toMatchObject({ status: 'suspended' });
});

test('what does not exist cannot be suspended, and a credential cannot be restricted', async () => {
  const [credential = ''] = customer.ids.credentials;
  const other = await register(world, identity, operator);
  const post = (body: object) => identity.call('POST', '/v1/suspensions', operator, body);
  const status = 'suspended';
  expect((await post({ tenant: 'nobody', status, reason })).status).toBe(404);
  expect((await post({ tenant: other.id, credential, status, reason })).status).toBe(404);
  const restricted = { tenant: customer.id, credential, status: 'restricted', reason };
  expect((await post(restricted)).status).toBe(400);
});

test('a tenant above its limit of credentials gets no more', async () => {
  const { body } = await identity.call('GET', '/v1/credentials', customer.token);
  const { length } = body['credentials'] as unknown[];
  const limits = { credentials: length + 1 };
  await identity.call('PATCH', `/v1/tenants/${customer.id}`, operator, { limits });
  expect((await newCredential()).status).toBe(201);
  expect(await newCredential()).toMatchObject({
    status: 409,
    body: { detail: `The limit of credentials of this account (${String(length + 1)}) is reached` },
  });
});

test('a tenant above its limit of API requests gets 429, with the time to retry', async () => {
  const limits = { apiRequestsPerMinute: 3 };
  await identity.call('PATCH', `/v1/tenants/${customer.id}`, operator, { limits });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) {
    const { status } = await identity.call('GET', '/v1/domains', customer.token);
    statuses.push(status);
  }
  expect(statuses).toContain(429);
  expect((await identity.call('GET', '/v1/tokens', operator)).status).toBe(200);
});
