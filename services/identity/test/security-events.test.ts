import { randomUUID } from 'node:crypto';
import type { SecurityEvent } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRooms, startIdentity, type Identity } from './support/identity.ts';
import { device, helpersFor, movedClock, password, type Helpers } from './support/people.ts';
import { receiveSecurityEvents } from './support/security-events.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
const clock = movedClock();
let events: readonly SecurityEvent[];
let world: World;
let identity: Identity;
let help: Helpers;

beforeAll(async () => {
  world = opened.use(await openWorld());
  ({ events } = opened.use(await receiveSecurityEvents(world)));
  identity = opened.use(await startIdentity(world));
  const { stores } = opened.use(await openRooms(world, undefined, clock));
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

const call = (method: string, path: string, token: string, body?: unknown) =>
  identity.call(method, path, token, body);

/** The events of these types about a tenant, in the order in which they happened. */
const of = (tenant: string | null, ...types: SecurityEvent['type'][]) =>
  events
    .filter((event) => event.tenant === tenant && types.includes(event.type))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

test('a sign-in: refused with its reason, and whether it is the first from a device or network', async () => {
  const { tenant, id, address, recoveryCodes } = await help.signUp();
  const signIn = async (text: string, from: string) =>
    call('POST', '/v1/sign-ins', '', { tenant, address, password: text, device: from });
  expect((await signIn('not this password', device)).status).toBe(422);
  // The account was made in another network.
  for (const [at, from] of [device, device, 'Another device'].entries()) {
    const { challenge } = (await signIn(password, from)).body;
    const factor = { recoveryCode: recoveryCodes[at] };
    expect((await call('POST', '/v1/sign-ins/finish', '', { challenge, factor })).status).toBe(201);
  }
  await eventually(() =>
    expect(of(tenant, 'sign_in').map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'password'],
      ['ok', 'new'],
      ['ok', null],
      ['ok', 'new'],
    ]),
  );
  for (const { actor, networkKey, client } of of(tenant, 'sign_in')) {
    expect(actor).toEqual({ kind: 'person', id });
    expect([typeof networkKey, typeof client]).toEqual(['string', 'string']);
  }
});

test('an account that does not exist has a keyed hash, the same for each attempt', async () => {
  const address = `${randomUUID()}@example.org`;
  const attempt = { tenant: randomUUID(), address, password, device };
  for (let n = 0; n < 2; n += 1) await call('POST', '/v1/sign-ins', '', attempt);
  await eventually(() => expect(of(null, 'sign_in')).toHaveLength(2));
  const [first, second] = of(null, 'sign_in');
  expect(first?.actor).toEqual({ kind: 'unknown', id: null });
  expect(first?.accountKey).toMatch(/^[\w-]{22}$/);
  expect(second?.accountKey).toBe(first?.accountKey);
  expect(JSON.stringify(events)).not.toContain(address);
});

test('a role that is raised, and one that is lowered; a password that is changed', async () => {
  const owner = await help.signUp();
  const { id } = await help.invited(owner.tenant, 'reader');
  const { token } = owner.session;
  for (const role of ['admin', 'developer']) {
    expect((await call('PATCH', `/v1/people/${id}`, token, { role })).status).toBe(200);
  }
  const change = { password, newPassword: 'another one with eleven gears' };
  expect((await call('POST', '/v1/account/password', token, change)).status).toBe(204);
  await eventually(() =>
    expect(
      of(owner.tenant, 'role_changed', 'password_changed').map(({ type, object, reason }) => [
        type,
        object,
        reason,
      ]),
    ).toEqual([
      ['role_changed', id, 'raised'],
      ['role_changed', id, 'lowered'],
      ['password_changed', null, null],
    ]),
  );
  // There is no second entry for the same act.
  expect(of(owner.tenant, 'act')).toEqual([]);
});

test("a lost second factor, and another tenant's id", async () => {
  const owner = await help.signUp();
  const other = await help.signUp();
  const { challenge } = await help.begin(owner);
  expect((await call('POST', '/v1/lost-factors', '', { challenge })).status).toBe(202);
  const made = await call('POST', '/v1/tokens', owner.session.token, {});
  expect(made.status).toBe(201);
  const { id } = made.body as { id: string };
  expect((await call('DELETE', `/v1/tokens/${id}`, other.session.token)).status).toBe(404);
  await eventually(() =>
    expect(of(owner.tenant, 'lost_factor')).toMatchObject([{ reason: 'requested' }]),
  );
  await eventually(() =>
    expect(of(other.tenant, 'request_refused')).toMatchObject([
      { reason: 'foreign', operation: 'deleteToken', actor: { kind: 'person', id: other.id } },
    ]),
  );
});
