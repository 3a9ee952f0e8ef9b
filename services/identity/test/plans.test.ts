import { internalApis, plans } from '@mysmtp/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { register, type Customer } from './support/customers.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester, type Identity } from './support/identity.ts';
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
  customer = await register(world, identity, operator);
});
afterAll(() => opened.disposeAsync());

const change = (token: string, body: unknown) =>
  identity.call('PATCH', `/v1/tenants/${customer.id}`, token, body);

/** The limits that other services get. */
async function toldLimits(): Promise<unknown> {
  const page = await identity.client.call(internalApis.snapshot, { entities: ['tenant'] });
  const [told] = page.changes.filter(({ id }) => id === customer.id);
  return told !== undefined && 'state' in told && told.entity === 'tenant'
    ? told.state?.limits
    : undefined;
}

test('a tenant has the default plan, and other services get its limits', async () => {
  const read = await identity.call('GET', `/v1/tenants/${customer.id}`, customer.token);
  expect(read.body['tenant']).toMatchObject({ plan: 'large', limits: plans.large });
  expect(await toldLimits()).toEqual(plans.large);
});

test('an operator sets the plan and limits of a tenant, and takes them back one by one', async () => {
  const limits = { messagesPerDay: 7, credentialOctetsPerMonth: 0, connections: 3 };
  const changed = await change(operator, { plan: 'small', limits });
  expect(changed.status).toBe(200);
  expect(changed.body).toEqual({ plan: 'small', limits: { ...plans.small, ...limits } });
  const back = await change(operator, { limits: { connections: null, messagesPerDay: 8 } });
  const now = { ...plans.small, messagesPerDay: 8, credentialOctetsPerMonth: 0 };
  expect(back.body).toEqual({ plan: 'small', limits: now });
  expect(await toldLimits()).toEqual(now);
  const [stored] = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tenants').find({ plan: 'small' }).toArray(),
  );
  expect(stored?.['limits']).toEqual([
    { name: 'credentialOctetsPerMonth', value: 0 },
    { name: 'messagesPerDay', value: 8 },
  ]);
});

test('an owner cannot change its own limits', async () => {
  const before = await toldLimits();
  expect((await change(customer.token, { plan: 'large' })).status).toBeGreaterThanOrEqual(403);
  expect(await toldLimits()).toEqual(before);
});

test('an unknown plan, an unknown limit and a limit below zero are refused', async () => {
  for (const body of [
    {},
    { plan: 'unlimited' },
    { limits: { messagesPerYear: 1 } },
    { limits: { messagesPerDay: -1 } },
    { limits: { messagesPerDay: 1.5 } },
  ]) {
    expect((await change(operator, body)).status).toBe(400);
  }
});

test('a tenant can be registered with a plan', async () => {
  const made = await identity.call('POST', '/v1/tenants', operator, {
    name: 'Small',
    domain: 'small.example.org',
    plan: 'small',
  });
  const { id } = made.body['tenant'] as { id: string };
  const read = await identity.call('GET', `/v1/tenants/${id}`, String(made.body['ownerToken']));
  expect(read.body['tenant']).toMatchObject({ plan: 'small', limits: plans.small });
});
