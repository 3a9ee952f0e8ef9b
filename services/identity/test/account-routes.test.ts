import { randomUUID } from 'node:crypto';
import { internalApis, minute, operatorRealm } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { eventually } from '@mysmtp/test-kit';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openRooms, startIdentity, tester, type Identity } from './support/identity.ts';
import { device, helpersFor, movedClock, password, type Helpers } from './support/people.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
const clock = movedClock();
let world: World;
let identity: Identity;
let operator: string;
let help: Helpers;

beforeAll(async () => {
  world = opened.use(await openWorld());
  identity = opened.use(await startIdentity(world));
  const { stores } = opened.use(await openRooms(world));
  operator = (await stores.tokens.create(tester, { role: 'operator', tenant: null })).token;
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

const call = (method: string, path: string, token = 'none', body?: unknown) =>
  identity.call(method, path, token, body);

/** The secret in the newest mail to this address. */
const secretFor = (address: string) =>
  eventually(async () => {
    const secret = await help.secretFor(address);
    expect(secret).not.toBe('');
    return secret;
  });

/** As a client does it, with HTTP only. */
async function signUp(address = `${randomUUID()}@example.org`) {
  expect((await call('POST', '/v1/sign-ups', '', { address })).status).toBe(202);
  const choice = { secret: await secretFor(address), tenant: 'Customer', password, device };
  const made = await call('POST', '/v1/sign-ups/finish', '', choice);
  expect(made.status).toBe(201);
  const { token, tenant } = made.body as { token: string; tenant: string };
  return { address, tenant, enrolling: token };
}

async function enrol(enrolling: string) {
  const setup = await call('POST', '/v1/account/totp', enrolling);
  const { secret, challenge } = setup.body as { secret: string; challenge: string };
  const code = generateSync({ secret });
  const done = await call('POST', '/v1/account/totp/finish', enrolling, { challenge, code });
  expect(done.status).toBe(200);
  const { session, recoveryCodes } = done.body as {
    session: { token: string; session: string };
    recoveryCodes: string[];
  };
  return { ...session, recoveryCodes };
}

/** A second factor that was presented this long ago. Milliseconds. */
const age = (session: string, by: number) =>
  readDatabase(world.mongodbUrl, (db) =>
    db.collection('sessions').updateOne({ _id: session as never }, { $inc: { factorAt: -by } }),
  );

test('from sign-up to the first API call, with HTTP only', async () => {
  const { address, tenant, enrolling } = await signUp();
  // A session without a second factor can do nothing else.
  for (const path of ['/v1/account', '/v1/domains', '/v1/people', '/v1/account/sessions']) {
    expect((await call('GET', path, enrolling)).status, path).toBe(404);
  }
  const { token, recoveryCodes } = await enrol(enrolling);
  expect((await call('GET', '/v1/domains', enrolling)).status).toBe(401);
  const account = await call('GET', '/v1/account', token);
  expect(account.body).toMatchObject({ address, role: 'owner', totp: true, recoveryCodes: 10 });
  expect((await call('GET', '/v1/domains', token)).status).toBe(200);

  const begun = await call('POST', '/v1/sign-ins', '', { tenant, address, password, device });
  expect(begun.body).toMatchObject({ factors: ['code', 'recovery-code'], passkey: null });
  const factor = { recoveryCode: recoveryCodes[0] };
  const { challenge } = begun.body;
  const done = await call('POST', '/v1/sign-ins/finish', '', { challenge, factor });
  expect(done.status).toBe(201);
  const again = await call('POST', '/v1/sign-ins/finish', '', { challenge, factor });
  expect(again.status).toBe(422);
  const session = String(done.body['token']);
  const list = await call('GET', '/v1/account/sessions', session);
  expect(list.body['sessions']).toMatchObject([
    { device, current: false },
    { device, current: true },
  ]);
  expect((await call('DELETE', '/v1/account/sessions', session)).status).toBe(204);
  for (const ended of [session, token]) {
    expect((await call('GET', '/v1/account', ended)).status).toBe(401);
  }
});

test('answers with secrets are never stored by a cache (ASVS 14.3.2)', async () => {
  const response = await fetch(`${identity.url}/v1/sign-ins`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant: randomUUID(), address: 'a@example.org', password, device }),
  });
  expect([response.status, response.headers.get('cache-control')]).toEqual([422, 'no-store']);
});

test('what is sensitive needs a factor of the last five minutes, and only its absence is told', async () => {
  const { token, session, recoveryCodes } = await enrol((await signUp()).enrolling);
  const invite = (address: string) =>
    call('POST', '/v1/invitations', token, { address, role: 'reader' });
  expect((await invite('first@example.org')).status).toBe(201);
  await age(session, 6 * minute);
  const stale = await invite('second@example.org');
  expect(stale).toMatchObject({
    status: 403,
    body: { type: 'urn:mysmtp:problem:fresh-factor-required' },
  });
  for (const [method, path, body] of [
    ['POST', '/v1/account/password', { password, newPassword: 'another tandem' }],
    ['POST', '/v1/account/address', { address: 'new@example.org' }],
    ['POST', '/v1/account/totp', undefined],
    ['DELETE', '/v1/account/totp', undefined],
    ['POST', '/v1/account/passkeys', undefined],
    ['POST', '/v1/account/recovery-codes', undefined],
    ['DELETE', '/v1/account', undefined],
    ['POST', '/v1/ownership', { person: randomUUID() }],
    ['DELETE', `/v1/people/${randomUUID()}`, undefined],
  ] as const) {
    expect((await call(method, path, token, body)).status, path).toBe(403);
  }
  const { challenge } = (await call('POST', '/v1/account/step-ups', token)).body;
  const [recoveryCode] = recoveryCodes;
  const finish = { challenge, factor: { recoveryCode } };
  expect((await call('POST', '/v1/account/step-ups/finish', token, finish)).status).toBe(204);
  expect((await invite('second@example.org')).status).toBe(201);
});

test('an address and a wrong password are refused alike, whether there is an account or not', async () => {
  const { address, tenant } = await signUp();
  const wrong = { tenant, address, password: `${password}!`, device };
  const answer = await call('POST', '/v1/sign-ins', '', wrong);
  expect(answer).toMatchObject({
    status: 422,
    body: { type: 'urn:mysmtp:problem:wrong-credentials' },
  });
  for (const other of [
    { ...wrong, address: 'nobody@example.org' },
    { ...wrong, tenant: randomUUID(), password },
  ]) {
    expect(await call('POST', '/v1/sign-ins', '', other)).toEqual(answer);
  }
  for (const to of [address, 'nobody@example.org']) {
    const reset = { tenant, address: to };
    expect(await call('POST', '/v1/password-resets', '', reset)).toEqual({ status: 202, body: {} });
  }
});

test('after ten wrong passwords the answer is 429 with the time to wait', async () => {
  const { address, tenant } = await signUp();
  const signIn = (text: string) =>
    fetch(`${identity.url}/v1/sign-ins`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant, address, password: text, device }),
    });
  for (let count = 0; count < 10; count += 1) {
    expect((await signIn('a wrong one')).status).toBe(422);
  }
  const refused = await signIn(password);
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({
    type: 'urn:mysmtp:problem:rate-limited',
    detail: 'Too many sign-ins have failed',
  });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(800);
  const lines = identity.lines.filter((line) => line.includes('person.throttled'));
  expect(lines).toHaveLength(1);
  expect(lines.join()).not.toContain('127.0.0.1');
});

test('a weak password is refused with its reason, and the link stays', async () => {
  const address = `${randomUUID()}@example.org`;
  await call('POST', '/v1/sign-ups', '', { address });
  const choice = { secret: await secretFor(address), tenant: 'Customer', device };
  const weak = await call('POST', '/v1/sign-ups/finish', '', { ...choice, password: 'password1' });
  expect(weak).toMatchObject({
    status: 400,
    body: {
      issues: [{ path: 'password', message: 'is on the list of breached passwords' }],
    },
  });
  const strong = await call('POST', '/v1/sign-ups/finish', '', { ...choice, password });
  expect(strong.status).toBe(201);
});

test('people of one tenant: invited, changed, removed; of another one: not there', async () => {
  const owner = await enrol((await signUp()).enrolling);
  const other = await enrol((await signUp()).enrolling);
  const address = `${randomUUID()}@example.org`;
  const invited = await call('POST', '/v1/invitations', owner.token, { address, role: 'admin' });
  expect(invited.body).toMatchObject({ address, role: 'admin' });
  const accepted = await call('POST', '/v1/invitations/accept', '', {
    secret: await secretFor(address),
    password,
    device,
  });
  expect(accepted.status).toBe(201);
  const admin = await enrol(String(accepted.body['token']));
  const id = String(accepted.body['person']);
  const { people } = (await call('GET', '/v1/people', owner.token)).body;
  expect(people).toHaveLength(2);

  const foreign = await call('PATCH', `/v1/people/${id}`, other.token, { role: 'reader' });
  expect(foreign.status).toBe(404);
  expect((await call('DELETE', `/v1/people/${id}`, other.token)).status).toBe(404);
  const wrongRealm = await call('PATCH', `/v1/people/${id}`, owner.token, { role: 'on-call' });
  expect(wrongRealm.status).toBe(400);
  const owned = await call('PATCH', `/v1/people/${id}`, owner.token, { role: 'owner' });
  expect(owned.status).toBe(400);
  const asOwner = { address: 'x@example.org', role: 'owner' };
  expect((await call('POST', '/v1/invitations', admin.token, asOwner)).status).toBe(404);
  expect((await call('POST', '/v1/ownership', admin.token, { person: id })).status).toBe(404);

  expect((await call('POST', '/v1/ownership', owner.token, { person: id })).status).toBe(204);
  expect((await call('GET', '/v1/account', owner.token)).body).toMatchObject({ role: 'admin' });
  expect((await call('DELETE', '/v1/account', owner.token)).status).toBe(204);
  expect((await call('GET', '/v1/account', owner.token)).status).toBe(401);
  expect((await call('DELETE', '/v1/account', admin.token)).status).toBe(409);
});

test('ids of people and of what belongs to them are logged if they are of others (ASVS 8.2.2)', async () => {
  const theirs = await signUp();
  const { token, session } = await enrol(theirs.enrolling);
  const other = await enrol((await signUp()).enrolling);
  const { id: person } = (await call('GET', '/v1/account', token)).body as { id: string };
  const wish = { address: `${randomUUID()}@example.org`, role: 'reader' };
  const invitation = (await call('POST', '/v1/invitations', token, wish)).body['id'];
  const signIn = { tenant: theirs.tenant, address: theirs.address, password, device };
  const { challenge } = (await call('POST', '/v1/sign-ins', '', signIn)).body;
  expect((await call('POST', '/v1/lost-factors', '', { challenge })).status).toBe(202);
  const { lostFactors } = (await call('GET', '/v1/lost-factors', token)).body;
  const [lost] = lostFactors as { id: string }[];
  const passkey = { id: randomUUID(), passkey: '', label: '', addedAt: 0 };
  await readDatabase(world.mongodbUrl, (db) =>
    db
      .collection<{ _id: string; passkeys: (typeof passkey)[] }>('people')
      .updateOne({ _id: person }, { $push: { passkeys: passkey } }),
  );
  const foreign = () =>
    identity.lines.filter((line) => line.includes('"event":"access.foreign"')).length;
  const routes = (ids: Record<'person' | 'invitation' | 'lost' | 'session' | 'passkey', unknown>) =>
    [
      ['PATCH', `/v1/people/${String(ids.person)}`, { role: 'reader' }],
      ['DELETE', `/v1/people/${String(ids.person)}`, undefined],
      ['POST', '/v1/ownership', { person: ids.person }],
      ['DELETE', `/v1/invitations/${String(ids.invitation)}`, undefined],
      ['POST', `/v1/lost-factors/${String(ids.lost)}/approve`, undefined],
      ['DELETE', `/v1/lost-factors/${String(ids.lost)}`, undefined],
      ['DELETE', `/v1/account/sessions/${String(ids.session)}`, undefined],
      ['DELETE', `/v1/account/passkeys/${String(ids.passkey)}`, undefined],
    ] as const;
  for (const [method, path, body] of routes({
    person,
    invitation,
    lost: lost?.id,
    session,
    passkey: passkey.id,
  })) {
    const before = foreign();
    expect([path, (await call(method, path, other.token, body)).status]).toEqual([path, 404]);
    expect([path, foreign() - before]).toEqual([path, 1]);
  }
  const [id, before] = [randomUUID(), foreign()];
  const unknown = { person: id, invitation: id, lost: id, session: id, passkey: id };
  for (const [method, path, body] of routes(unknown)) {
    expect([path, (await call(method, path, other.token, body)).status]).toEqual([path, 404]);
  }
  expect(foreign()).toBe(before);
  // All of them are still there.
  expect((await call('GET', '/v1/lost-factors', token)).body).toEqual({ lostFactors });
  expect((await call('GET', '/v1/invitations', token)).body['invitations']).toHaveLength(1);
});

test('who approves lost factors of tenants approves none of operators', async () => {
  const address = `${randomUUID()}@example.org`;
  const invited = { address, role: 'operator' };
  expect((await call('POST', '/v1/invitations', operator, invited)).status).toBe(201);
  const choice = { secret: await secretFor(address), password, device };
  const accepted = await call('POST', '/v1/invitations/accept', '', choice);
  await enrol(String(accepted.body['token']));
  const signIn = { tenant: operatorRealm, address, password, device };
  const { challenge } = (await call('POST', '/v1/sign-ins', '', signIn)).body;
  expect((await call('POST', '/v1/lost-factors', '', { challenge })).status).toBe(202);
  const { lostFactors } = (await call('GET', '/v1/lost-factors', operator)).body as {
    lostFactors: { id: string }[];
  };
  expect(lostFactors).toHaveLength(1);
  const path = `/v1/tenants/${operatorRealm}/lost-factors/${String(lostFactors[0]?.id)}/approve`;
  expect((await call('POST', path, operator)).status).toBe(404);
  const after = await call('GET', '/v1/lost-factors', operator);
  expect(after.body['lostFactors']).toEqual(lostFactors);
});

test('an API key has no account, and may invite the first owner of its tenant', async () => {
  const made = await call('POST', '/v1/tenants', operator, {
    name: 'Customer',
    domain: `${randomUUID()}.example`,
  });
  const key = String(made.body['ownerToken']);
  for (const [method, path] of [
    ['GET', '/v1/account'],
    ['GET', '/v1/account/sessions'],
    ['DELETE', '/v1/account/sessions'],
    ['POST', '/v1/account/totp'],
    ['DELETE', '/v1/account'],
  ] as const) {
    expect((await call(method, path, key)).status, path).toBe(404);
  }
  const address = `${randomUUID()}@example.org`;
  const invitation = await call('POST', '/v1/invitations', key, { address, role: 'owner' });
  expect(invitation.status).toBe(201);
});

test('another service learns of a session, and that it has ended', async () => {
  const { token, session } = await enrol((await signUp()).enrolling);
  const ask = async () =>
    (
      await identity.client.call(internalApis.principalOf, {
        hash: hashToken(token),
        address: '192.0.2.1',
      })
    ).principal;
  expect(await ask()).toMatchObject({ kind: 'person', role: 'owner', session });
  const ended = await call('DELETE', `/v1/account/sessions/${session}`, token);
  expect(ended.status).toBe(204);
  expect(await ask()).toBeNull();
});

test.each<[string, unknown]>([
  ['/v1/sign-ins', { tenant: { $gt: '' }, address: 'a@example.org', password, device }],
  ['/v1/sign-ins', { tenant: 'x', address: { $gt: '' }, password, device }],
  ['/v1/sign-ins', { tenant: 'x', address: 'a@example.org', password: { $gt: '' }, device }],
  ['/v1/sign-ins', { tenant: 'x', address: 'a@example.org', password, device, role: 'owner' }],
  ['/v1/sign-ins/finish', { challenge: { $ne: null }, factor: { code: '123456' } }],
  ['/v1/sign-ins/finish', { challenge: 'x'.repeat(43), factor: { code: { $ne: '' } } }],
  ['/v1/sign-ups', { address: 'a@example.org\r\nBcc: b@example.org' }],
  ['/v1/sign-ups', { address: 'a@example.org,b@example.org' }],
  ['/v1/sign-ups', '{"address":"a@example.org","__proto__":{"role":"operator"}}'],
])('operator objects and mass assignment are refused: %s %j (ASVS 15.3.3)', async (path, body) => {
  expect((await call('POST', path, '', body)).status).toBe(400);
});
