import { randomUUID } from 'node:crypto';
import { hashToken } from '@mysmtp/http';
import { day, hour, minute, operatorRealm } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { generateSync } from 'otplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  NotNowError,
  NotThereError,
  PasswordRefusedError,
  WrongCredentialsError,
} from '../src/accounts/parts.ts';
import { ThrottledError } from '../src/accounts/sign-in-throttle.ts';
import { AddressTakenError, CodesExhaustedError } from '../src/people/people.ts';
import type { Stores } from '../src/stores.ts';
import { createAuthenticator } from './support/authenticator.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms } from './support/identity.ts';
import {
  device,
  helpersFor,
  movedClock,
  newClient,
  password,
  type Helpers,
} from './support/people.ts';
import { openWorld, type World } from './support/world.ts';

const opened = new AsyncDisposableStack();
const clock = movedClock();
let world: World;
let stores: Stores;
/** The same, in another process of identity. */
let elsewhere: Stores;
let help: Helpers;
let lines: readonly string[];

beforeAll(async () => {
  world = opened.use(await openWorld());
  ({ stores, lines } = opened.use(await openRooms(world, undefined, clock)));
  ({ stores: elsewhere } = opened.use(await openRooms(world, undefined, clock)));
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

const lookUp = (token: string) => stores.accounts.sessions.lookUp(hashToken(token));
const manager = { kind: 'command', id: 'test' } as const;

/** How many of these succeed at once, in two processes. */
async function successes(acts: readonly (() => Promise<unknown>)[]): Promise<number> {
  const results = await Promise.allSettled(acts.map((act) => act()));
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('sign-up: the address is verified, then a password, then a second factor, and then a session', async () => {
  const address = 'owner@example.org';
  const { registration, signIn, enrolment } = stores.accounts;
  await registration.signUp(address);
  const secret = await help.secretFor(address);
  const weak = { tenant: 'Customer', password: 'password', device };
  await expect(registration.finishSignUp(secret, weak)).rejects.toThrow(PasswordRefusedError);
  // The refused password has not used the link.
  const made = await registration.finishSignUp(secret, { ...weak, password });
  await expect(registration.finishSignUp(secret, { ...weak, password })).rejects.toThrow(
    NotThereError,
  );
  const principal = await help.principalOf(made);
  expect(principal).toMatchObject({ kind: 'person', role: 'owner', tenant: made.tenant });
  expect([...principal.permissions]).toEqual(['factors:enrol']);

  // Until then every sign-in gives such a session.
  const again = await signIn.withPassword({
    tenant: made.tenant,
    address,
    password,
    device,
    from: newClient(),
  });
  expect([...(await help.principalOf(again as typeof made)).permissions]).toEqual([
    'factors:enrol',
  ]);

  const setup = await enrolment.beginTotp(principal);
  await expect(
    enrolment.finishTotp(principal, setup.challenge, '000000', newClient()),
  ).rejects.toThrow(WrongCredentialsError);
  const done = await enrolment.finishTotp(
    principal,
    setup.challenge,
    help.nextCode(setup),
    newClient(),
  );
  expect(done.recoveryCodes).toHaveLength(10);
  const full = await help.principalOf(done.session!);
  expect(full.permissions.has('people:write')).toBe(true);
  // The sessions that could only enrol have ended.
  expect(await lookUp(made.token)).toBeUndefined();
  expect(await stores.tenants.find(made.tenant)).toMatchObject({
    name: 'Customer',
  });
});

test('upper and lower case of an address are the same, and mail goes to the stored address', async () => {
  const person = await help.signUp('Mixed.Case@example.org');
  await help.begin({ ...person, address: 'mixed.case@EXAMPLE.org' });
  const { registration, account } = stores.accounts;
  const again = { address: 'MIXED.CASE@example.org', role: 'reader' } as const;
  await expect(registration.invite(manager, person.tenant, again)).rejects.toThrow(
    AddressTakenError,
  );
  await account.requestReset(person.tenant, 'mixed.case@example.org');
  expect(await help.mailTo('mixed.case@example.org')).toEqual([]);
  expect((await help.mailTo(person.address)).at(-1)).toBe('Reset your password');
});

test('the same address may have accounts in several tenants', async () => {
  const [first, second] = [
    await help.signUp('both@example.org'),
    await help.signUp('both@example.org'),
  ];
  expect(first.tenant).not.toBe(second.tenant);
  expect((await help.principalOf(await help.signIn(first))).tenant).toBe(first.tenant);
});

test('a sign-in never gives a session for the password alone', async () => {
  const person = await help.signUp();
  const request = await help.begin(person);
  expect(request).toMatchObject({ factors: ['code', 'recovery-code'], passkey: null });
  expect(JSON.stringify(request)).not.toContain('mysmtp_session_');
});

test.each([
  ['an unknown address', { address: 'nobody@example.org' }],
  ['a wrong password', { password: `${password} ` }],
  ['an unknown tenant', { tenant: '11111111-1111-4111-8111-111111111111' }],
  ['another tenant', { tenant: operatorRealm }],
])('%s gets the same refusal (ASVS 6.3.8)', async (_what, wrong) => {
  const { tenant, address } = await help.signUp();
  const wish = { tenant, address, password, device, from: newClient(), ...wrong };
  const refused = stores.accounts.signIn.withPassword(wish);
  await expect(refused).rejects.toThrow(new WrongCredentialsError());
});

test('a code is used once, also if two processes get it at once (ASVS 6.5.1)', async () => {
  const person = await help.signUp();
  const requests = [];
  for (let count = 0; count < 6; count += 1) requests.push(await help.begin(person));
  const code = help.nextCode(person);
  const acts = requests.map(
    ({ challenge }, index) =>
      () =>
        (index % 2 === 0 ? stores : elsewhere).accounts.signIn.withFactor(
          challenge,
          { code },
          newClient(),
        ),
  );
  expect(await successes(acts)).toBe(1);
  const later = await help.begin(person);
  await expect(
    stores.accounts.signIn.withFactor(later.challenge, { code }, newClient()),
  ).rejects.toThrow(WrongCredentialsError);
});

test('the code that enrolled the app does not sign in', async () => {
  const person = await help.signUp();
  const code = generateSync({ secret: person.secret, epoch: Math.floor(clock.now() / 1_000) });
  const { challenge } = await help.begin(person);
  await expect(stores.accounts.signIn.withFactor(challenge, { code }, newClient())).rejects.toThrow(
    WrongCredentialsError,
  );
});

test('a recovery code is used once, also if two processes get it at once (ASVS 6.5.2)', async () => {
  const person = await help.signUp();
  const [recoveryCode = '', other = ''] = person.recoveryCodes;
  const requests = [await help.begin(person), await help.begin(person)];
  const acts = requests.map(
    ({ challenge }, index) =>
      () =>
        (index === 0 ? stores : elsewhere).accounts.signIn.withFactor(
          challenge,
          { recoveryCode },
          newClient(),
        ),
  );
  expect(await successes(acts)).toBe(1);
  const { challenge } = await help.begin(person);
  const session = await stores.accounts.signIn.withFactor(
    challenge,
    { recoveryCode: other },
    newClient(),
  );
  const view = await stores.accounts.account.view(await help.principalOf(session));
  expect(view.recoveryCodes).toBe(8);
});

test('one challenge gives one session, and at most five tries', async () => {
  const person = await help.signUp();
  const { challenge } = await help.begin(person);
  const [first = '', second = ''] = person.recoveryCodes;
  const acts = [first, second].map(
    (recoveryCode) => () =>
      stores.accounts.signIn.withFactor(challenge, { recoveryCode }, newClient()),
  );
  expect(await successes(acts)).toBe(1);

  const next = await help.begin(person);
  for (let count = 0; count < 5; count += 1) {
    await expect(
      stores.accounts.signIn.withFactor(next.challenge, { code: '000000' }, newClient()),
    ).rejects.toThrow(WrongCredentialsError);
  }
  await expect(
    stores.accounts.signIn.withFactor(next.challenge, { code: help.nextCode(person) }, newClient()),
  ).rejects.toThrow(WrongCredentialsError);
});

test('after ten wrong codes no code is tried for an hour', async () => {
  const person = await help.signUp();
  for (let count = 0; count < 10; count += 1) {
    const { challenge } = await help.begin(person);
    const wrong = elsewhere.accounts.signIn.withFactor(challenge, { code: '000000' }, newClient());
    await expect(wrong).rejects.toThrow(WrongCredentialsError);
  }
  const { challenge } = await help.begin(person);
  const right = { code: help.nextCode(person) };
  await expect(stores.accounts.signIn.withFactor(challenge, right, newClient())).rejects.toThrow(
    CodesExhaustedError,
  );
  clock.ahead += hour;
  expect((await help.signIn(person)).token).toMatch(/^mysmtp_session_/);
});

test('passkeys: several, each challenge once, a wrong origin refused (ASVS 6.7.2)', async () => {
  const { enrolment, signIn, account } = stores.accounts;
  const person = await help.signUp();
  const principal = await help.principalOf(person.session);
  await expect(enrolment.removeTotp(principal)).rejects.toThrow(NotNowError);
  const keys = [createAuthenticator('http://localhost'), createAuthenticator('http://localhost')];
  for (const [index, key] of keys.entries()) {
    const { options, challenge } = await enrolment.beginPasskey(principal);
    const passkey = { response: key.create(options), label: `Key ${String(index)}` };
    const done = await enrolment.finishPasskey(principal, challenge, passkey, newClient());
    expect(done).toEqual({ recoveryCodes: null, session: null });
    await expect(
      enrolment.finishPasskey(principal, challenge, passkey, newClient()),
    ).rejects.toThrow(WrongCredentialsError);
  }
  const request = await help.begin(person);
  expect(request.factors).toEqual(['code', 'passkey', 'recovery-code']);
  const options = request.passkey!;
  const evil = keys[1]!.get(options, { origin: 'http://localhost.evil.example' });
  await expect(
    signIn.withFactor(request.challenge, { passkey: evil }, newClient()),
  ).rejects.toThrow(WrongCredentialsError);
  const passkey = keys[1]!.get(options);
  const acts = [stores, elsewhere].map(
    (process) => () =>
      process.accounts.signIn.withFactor(request.challenge, { passkey }, newClient()),
  );
  expect(await successes(acts)).toBe(1);
  const other = await help.begin(person);
  await expect(signIn.withFactor(other.challenge, { passkey }, newClient())).rejects.toThrow(
    WrongCredentialsError,
  );

  const { passkeys } = await account.view(principal);
  expect(passkeys.map(({ label }) => label)).toEqual(['Key 0', 'Key 1']);
  await enrolment.removePasskey(principal, passkeys[0]!.id);
  await enrolment.removeTotp(principal);
  const last = enrolment.removePasskey(principal, passkeys[1]!.id);
  await expect(last).rejects.toThrow(NotNowError);
  expect((await help.mailTo(person.address)).slice(-4)).toEqual(
    Array.from({ length: 4 }, () => 'The second factor of your account was changed'),
  );
});

test('two processes that remove the last two factors leave one', async () => {
  const { enrolment, account } = stores.accounts;
  const person = await help.signUp();
  const principal = await help.principalOf(person.session);
  const { options, challenge } = await enrolment.beginPasskey(principal);
  const response = createAuthenticator('http://localhost').create(options);
  await enrolment.finishPasskey(principal, challenge, { response, label: 'Key' }, newClient());
  const [passkey] = (await account.view(principal)).passkeys;
  const acts = [
    () => enrolment.removeTotp(principal),
    () => elsewhere.accounts.enrolment.removePasskey(principal, passkey!.id),
  ];
  expect(await successes(acts)).toBe(1);
});

test('a session ends after 30 minutes without a use, and after 12 hours (ASVS 7.3)', async () => {
  const person = await help.signUp();
  const idle = await help.signIn(person);
  clock.ahead += 29 * minute;
  expect(await lookUp(idle.token)).toBeDefined();
  clock.ahead += 29 * minute;
  expect(await lookUp(idle.token)).toBeDefined();
  clock.ahead += 30 * minute;
  expect(await lookUp(idle.token)).toBeUndefined();

  const long = await help.signIn(person);
  for (let passed = 0; passed < 12 * hour - 25 * minute; passed += 25 * minute) {
    clock.ahead += 25 * minute;
    expect(await lookUp(long.token)).toBeDefined();
  }
  clock.ahead += 25 * minute;
  expect(await lookUp(long.token)).toBeUndefined();
});

test('sessions are listed with their devices, and ended one by one or all, in every process (ASVS 7.4)', async () => {
  const person = await help.signUp();
  const [one, two] = [await help.signIn(person), await help.signIn(person)];
  const { sessions } = elsewhere.accounts;
  expect(await sessions.list(person.id)).toHaveLength(3);
  expect((await sessions.list(person.id)).at(-1)).toMatchObject({ id: two.session, device });
  expect(await sessions.end(person.id, one.session)).toBe(true);
  expect(await lookUp(one.token)).toBeUndefined();
  expect(await lookUp(two.token)).toBeDefined();
  await sessions.endAll(person.id, two.session);
  expect((await sessions.list(person.id)).map(({ id }) => id)).toEqual([two.session]);
  const other = await help.signUp();
  expect(await sessions.end(person.id, other.session.session)).toBe(false);
});

test('a step-up makes the factor fresh, with an own challenge only', async () => {
  const [person, other] = [await help.signUp(), await help.signUp()];
  const session = await help.signIn(person);
  clock.ahead += 10 * minute;
  const principal = await help.principalOf(session);
  expect(clock.now() - principal.factorAt!).toBeGreaterThanOrEqual(10 * minute);
  const { signIn } = stores.accounts;
  const { challenge } = await signIn.beginStepUp(principal);
  await signIn.stepUp(principal, challenge, { code: help.nextCode(person) }, newClient());
  expect(clock.now() - (await help.principalOf(session)).factorAt!).toBeLessThan(minute);

  const foreign = await signIn.beginStepUp(await help.principalOf(other.session));
  const code = help.nextCode(other);
  await expect(signIn.stepUp(principal, foreign.challenge, { code }, newClient())).rejects.toThrow(
    WrongCredentialsError,
  );
});

test('a password change ends the other sessions and is told (ASVS 7.4.3)', async () => {
  const person = await help.signUp();
  const [mine, other] = [await help.signIn(person), await help.signIn(person)];
  const principal = await help.principalOf(mine);
  const { account } = stores.accounts;
  const newPassword = 'a quite different tandem';
  const from = newClient();
  const wrong = { password: 'not the old one', newPassword, from };
  await expect(account.changePassword(principal, wrong)).rejects.toThrow(WrongCredentialsError);
  const begun = await help.begin(person);
  await account.changePassword(principal, { password, newPassword, from });
  expect(await lookUp(mine.token)).toBeDefined();
  expect(await lookUp(other.token)).toBeUndefined();
  // A sign-in that has begun with the old password ends too.
  const code = help.nextCode(person);
  await expect(
    stores.accounts.signIn.withFactor(begun.challenge, { code }, newClient()),
  ).rejects.toThrow(WrongCredentialsError);
  await expect(help.begin(person)).rejects.toThrow(WrongCredentialsError);
  await help.signIn(person, newPassword);
  expect(await help.mailTo(person.address)).toContain('The password of your account was changed');
});

test('a reset keeps the second factor, and its link works once and for 30 minutes (ASVS 6.4.3)', async () => {
  const person = await help.signUp();
  const { account } = stores.accounts;
  await account.requestReset(person.tenant, 'nobody@example.org');
  await account.requestReset(person.tenant, person.address);
  const late = await help.secretFor(person.address);
  clock.ahead += 30 * minute;
  const newPassword = 'a quite different tandem';
  await expect(account.reset(late, newPassword)).rejects.toThrow(NotThereError);

  const session = await help.signIn(person);
  await account.requestReset(person.tenant, person.address);
  const secret = await help.secretFor(person.address);
  await expect(account.reset(secret, 'password')).rejects.toThrow(PasswordRefusedError);
  const acts = [stores, elsewhere].map(
    (process) => () => process.accounts.account.reset(secret, newPassword),
  );
  expect(await successes(acts)).toBe(1);
  expect(await lookUp(session.token)).toBeUndefined();
  expect((await help.begin(person, newPassword)).factors).toContain('code');
});

test('a lost factor is replaced after the password, a human and 72 hours', async () => {
  const owner = await help.signUp();
  const person = await help.invited(owner.tenant, 'admin');
  const { team, signIn, enrolment } = stores.accounts;
  await team.requestLostFactor((await help.begin(person)).challenge);
  const [request] = await team.listLostFactors(owner.tenant);
  expect(request).toMatchObject({ person: person.id, replaceableAt: null });
  const newestMail = async () => (await help.mailTo(person.address)).at(-1);
  expect(await newestMail()).toBe('Your second factor was reported as lost');
  clock.ahead += 4 * day;
  expect(await help.begin(person)).toMatchObject({ factors: ['code', 'recovery-code'] });

  const own = { kind: 'person', id: person.id } as const;
  const approve = (actor: Parameters<typeof team.approveLostFactor>[0]) =>
    team.approveLostFactor(actor, owner.tenant, request!.id);
  await expect(approve(own)).rejects.toThrow(NotNowError);
  await approve({ kind: 'person', id: owner.id });
  expect(await newestMail()).toBe('Your second factor can be replaced soon');
  await expect(approve({ kind: 'person', id: owner.id })).rejects.toThrow(NotNowError);
  clock.ahead += 3 * day - minute;
  expect(await help.begin(person)).toMatchObject({ factors: ['code', 'recovery-code'] });
  clock.ahead += minute;
  const { tenant, address } = person;
  const session = await signIn.withPassword({
    tenant,
    address,
    password,
    device,
    from: newClient(),
  });
  const principal = await help.principalOf(session as typeof person.session);
  expect([...principal.permissions]).toEqual(['factors:enrol']);

  const setup = await enrolment.beginTotp(principal);
  const done = await enrolment.finishTotp(
    principal,
    setup.challenge,
    help.nextCode(setup),
    newClient(),
  );
  expect(done.recoveryCodes).toHaveLength(10);
  // The old app and the old codes are worth nothing, the new app is asked for again.
  const { challenge } = await help.begin(person);
  const [recoveryCode = ''] = person.recoveryCodes;
  for (const old of [{ code: help.nextCode(person) }, { recoveryCode }]) {
    await expect(signIn.withFactor(challenge, old, newClient())).rejects.toThrow(
      WrongCredentialsError,
    );
  }
});

test('a request for a lost factor is cancelled by its link, or by a sign-in with the factor', async () => {
  const owner = await help.signUp();
  const { team } = stores.accounts;
  const open = () => team.listLostFactors(owner.tenant);
  await team.requestLostFactor((await help.begin(owner)).challenge);
  await team.cancelLostFactor(await help.secretFor(owner.address));
  expect(await open()).toEqual([]);
  await team.requestLostFactor((await help.begin(owner)).challenge);
  expect(await open()).toHaveLength(1);
  await help.signIn(owner);
  expect(await open()).toEqual([]);
});

test('a new address is verified, the old one is told and can undo it for 72 hours (ASVS 7.5.1)', async () => {
  const person = await help.signUp();
  const { account } = stores.accounts;
  const principal = await help.principalOf(person.session);
  const taken = await help.invited(person.tenant, 'reader');
  await account.changeAddress(principal, 'new@example.org');
  await help.begin(person);
  await account.confirmAddress(await help.secretFor('new@example.org'));
  await expect(help.begin(person)).rejects.toThrow(WrongCredentialsError);
  await help.begin({ ...person, address: 'new@example.org' });
  expect((await help.mailTo(person.address)).at(-1)).toBe(
    'The email address of your account was changed',
  );
  const undo = await help.secretFor(person.address);
  clock.ahead += 3 * day - minute;
  const acts = [stores, elsewhere].map(
    (process) => () => process.accounts.account.undoAddress(undo),
  );
  expect(await successes(acts)).toBe(1);
  await help.begin(person);
  expect(await lookUp(person.session.token)).toBeUndefined();

  const again = await help.principalOf(await help.signIn(person));
  await account.changeAddress(again, taken.address);
  const clash = account.confirmAddress(await help.secretFor(taken.address));
  await expect(clash).rejects.toThrow(AddressTakenError);
});

/** The address that is kept with the tenant, and its change for other services. */
async function ownerOf(tenant: string) {
  const { owner } = (await elsewhere.tenants.find(tenant)) ?? {};
  const stored = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tenants').findOne({ _id: tenant as never }),
  );
  return { owner, version: stored?.['version'], waits: stored?.['pendingSince'] !== undefined };
}

test('the address of the owner that is kept with the tenant follows the account, as a published change', async () => {
  const owner = await help.signUp();
  const { tenant } = owner;
  const { account, team, people, owners } = stores.accounts;
  expect(await ownerOf(tenant)).toEqual({ owner: owner.address, version: 2, waits: false });
  const other = await help.invited(tenant, 'admin');
  const principal = await help.principalOf(owner.session);
  const renamed = `${randomUUID()}@example.org`;
  await account.changeAddress(principal, renamed);
  await account.confirmAddress(await help.secretFor(renamed));
  expect(await ownerOf(tenant)).toEqual({ owner: renamed, version: 3, waits: false });
  await account.undoAddress(await help.secretFor(owner.address));
  expect(await ownerOf(tenant)).toEqual({ owner: owner.address, version: 4, waits: false });
  await team.transfer(manager, tenant, owner.id, other.id);
  expect(await ownerOf(tenant)).toEqual({ owner: other.address, version: 5, waits: false });
  // Only the address of an owner is that of the tenant.
  const former = await people.find(tenant, owner.id);
  await people.setAddress(former!, renamed);
  await owners.sweep();
  expect(await ownerOf(tenant)).toMatchObject({ owner: other.address, version: 5 });

  // A process that stops after the change of the account.
  const last = `${randomUUID()}@example.org`;
  await people.setAddress((await people.find(tenant, other.id))!, last);
  expect(await ownerOf(tenant)).toMatchObject({ owner: other.address });
  await elsewhere.accounts.owners.sweep();
  expect(await ownerOf(tenant)).toEqual({ owner: last, version: 6, waits: false });
  expect((await people.newOwners()).filter((person) => person.tenant === tenant)).toEqual([]);
  expect(lines.join('')).not.toMatch(/@example\.org/);
});

test('an older address of an owner never replaces a newer one', async () => {
  const { tenant } = await help.signUp();
  const newest = 'newest@example.org';
  let reads = 0;
  await stores.tenants.setOwner(manager, tenant, async () => {
    reads += 1;
    if (reads > 1) return newest;
    await elsewhere.tenants.setOwner(manager, tenant, () => Promise.resolve(newest));
    return 'older@example.org';
  });
  expect(await ownerOf(tenant)).toMatchObject({ owner: newest, version: 3 });
});

test('invitations: with a role, once, for seven days, and not twice to one address', async () => {
  const owner = await help.signUp();
  const { registration, people } = stores.accounts;
  const invite = (address: string, role: 'owner' | 'reader' = 'reader') =>
    registration.invite(manager, owner.tenant, { address, role });
  await expect(invite(owner.address)).rejects.toThrow(AddressTakenError);
  await expect(invite('second@example.org', 'owner')).rejects.toThrow(NotNowError);
  await invite('late@example.org');
  const late = await help.secretFor('late@example.org');
  clock.ahead += 7 * day;
  const choice = { password, device };
  await expect(registration.accept(late, choice)).rejects.toThrow(NotThereError);

  const { id } = await invite('withdrawn@example.org');
  expect(await registration.listInvitations(owner.tenant)).toMatchObject([{ id, role: 'reader' }]);
  await expect(registration.withdraw(manager, (await help.signUp()).tenant, id)).rejects.toThrow(
    NotThereError,
  );
  await registration.withdraw(manager, owner.tenant, id);
  const withdrawn = await help.secretFor('withdrawn@example.org');
  await expect(registration.accept(withdrawn, choice)).rejects.toThrow(NotThereError);

  await invite('once@example.org');
  const secret = await help.secretFor('once@example.org');
  const acts = [stores, elsewhere].map(
    (process) => () => process.accounts.registration.accept(secret, choice),
  );
  expect(await successes(acts)).toBe(1);
  expect(await people.list(owner.tenant)).toHaveLength(2);
});

test('a tenant invites at most twenty people in a day, by all processes together', async () => {
  const owner = await help.signUp();
  const invite = (process: Stores, name: string) =>
    process.accounts.registration.invite(manager, owner.tenant, {
      address: `${name}-${owner.tenant}@example.org`,
      role: 'reader',
    });
  const names = Array.from({ length: 30 }, (_, at) => String(at));
  const acts = names.map((name, at) => () => invite(at % 2 === 0 ? stores : elsewhere, name));
  expect(await successes(acts)).toBe(20);
  const refused = await invite(stores, 'refused').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ThrottledError);
  expect((refused as ThrottledError).seconds).toBeGreaterThan(86_000);
  expect((refused as ThrottledError).seconds).toBeLessThanOrEqual(86_400);
  const { registration } = stores.accounts;
  // A withdrawn invitation was sent, too.
  for (const { id } of await registration.listInvitations(owner.tenant)) {
    await registration.withdraw(manager, owner.tenant, id);
  }
  await expect(invite(elsewhere, 'refused')).rejects.toThrow(ThrottledError);
  const line = expect.stringMatching(/"event":"invitation\.refused".*"tenant":/);
  expect(lines).toContainEqual(line);
  // Another tenant has a count of its own.
  await help.invited((await help.signUp()).tenant, 'reader');
  const read = () =>
    readDatabase(world.mongodbUrl, (db) =>
      db
        .collection<{ _id: string; invitations?: unknown }>('tenants')
        .findOne({ _id: owner.tenant }),
    );
  expect((await read())?.invitations).toEqual({ count: 20, since: expect.any(Number) });
  clock.ahead += day;
  expect(await successes([() => invite(stores, 'a'), () => invite(elsewhere, 'b')])).toBe(2);
  expect((await read())?.invitations).toMatchObject({ count: 2 });
});

test('the mail of an invitation has no text that the tenant has chosen, only its verified domain', async () => {
  const { registration } = stores.accounts;
  const address = `${randomUUID()}@example.org`;
  await registration.signUp(address);
  const name = 'You have won https://evil.example call 0800 1234';
  const choice = { tenant: name, password, device };
  const { tenant } = await registration.finishSignUp(await help.secretFor(address), choice);
  const textOf = async (to: string) => {
    await registration.invite(manager, tenant, { address: to, role: 'reader' });
    await stores.notices.submitDue();
    return world.ingress.submitted.filter((one) => one.to === to).at(-1)?.text;
  };
  const unverified = `unverified-${tenant}.example`;
  await stores.domains.add(manager, tenant, unverified);
  const before = await textOf(`first-${tenant}@example.net`);
  expect(before).toContain('a customer of mySMTP without a verified domain, with the role reader.');
  expect(before).not.toMatch(/evil|won|0800/);
  expect(before).not.toContain(unverified);
  const vouched = `vouched-${tenant}.example`;
  await stores.domains.add(manager, tenant, vouched, { reason: 'A test', withoutDns: true });
  const after = await textOf(`second-${tenant}@example.net`);
  expect(after).toContain(`the account of the customer with the domain ${vouched}, with the role`);
  expect(after).not.toMatch(/evil|won|0800/);
});

test('a tenant always has an owner', async () => {
  const owner = await help.signUp();
  const { team, account, people } = stores.accounts;
  const [first, second] = [
    await help.invited(owner.tenant, 'admin'),
    await help.invited(owner.tenant, 'developer'),
  ];
  const own = await help.principalOf(owner.session);
  await expect(account.leave(own)).rejects.toThrow(NotNowError);
  await expect(team.remove(manager, owner.tenant, owner.id)).rejects.toThrow(NotNowError);
  await expect(team.setRole(manager, owner.tenant, owner.id, 'reader')).rejects.toThrow(
    NotNowError,
  );
  await Promise.allSettled([
    team.transfer(manager, owner.tenant, owner.id, first.id),
    elsewhere.accounts.team.transfer(manager, owner.tenant, owner.id, second.id),
  ]);
  const owners = (await people.list(owner.tenant)).filter(({ role }) => role === 'owner');
  expect(owners.length).toBeGreaterThan(0);
  expect(owners.map(({ _id }) => _id)).not.toContain(owner.id);
  await account.leave(own);
  expect(await lookUp(owner.session.token)).toBeUndefined();
  await expect(help.begin(owner)).rejects.toThrow(WrongCredentialsError);
});

test('a changed role is in force at once, and a removed person is signed out at once (ASVS 7.4.2)', async () => {
  const owner = await help.signUp();
  const person = await help.invited(owner.tenant, 'developer');
  const before = await help.principalOf(person.session);
  expect(before.permissions.has('credentials:write')).toBe(true);
  await stores.accounts.team.setRole(manager, owner.tenant, person.id, 'reader');
  const after = await help.principalOf(person.session);
  expect(after.permissions.has('credentials:write')).toBe(false);
  await elsewhere.accounts.team.remove(manager, owner.tenant, person.id);
  expect(await lookUp(person.session.token)).toBeUndefined();
});

test('a known device is no news, a new one or another network is told', async () => {
  const person = await help.signUp();
  const news = async () =>
    (await help.mailTo(person.address)).filter((subject) => subject.startsWith('A new device'));
  await help.signIn(person);
  expect(await news()).toHaveLength(0);
  const { tenant, address, from } = person;
  const wish = { tenant, address, password, device: 'Safari on a tablet', from };
  const request = await stores.accounts.signIn.withPassword(wish);
  await stores.accounts.signIn.withFactor(
    (request as { challenge: string }).challenge,
    { code: help.nextCode(person) },
    from,
  );
  expect(await news()).toHaveLength(1);
  for (const [client, told] of [
    ['203.0.113.7', 2],
    ['203.0.113.99', 2],
    ['2001:db8:7:1::1', 3],
    ['2001:db8:7:ffff::2', 3],
    ['2001:db8:8::1', 4],
  ] as const) {
    await help.signIn({ ...person, from: client });
    expect(await news(), client).toHaveLength(told);
  }
  const stored = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('people').findOne({ _id: person.id as never }),
  );
  expect(JSON.stringify(stored)).not.toMatch(/203\.0\.113|2001:db8/);
});

test('operators have accounts in a realm of their own', async () => {
  const { registration } = stores.accounts;
  await registration.invite(manager, operatorRealm, {
    address: 'operator@example.org',
    role: 'on-call',
  });
  const choice = { password, device };
  const secret = await help.secretFor('operator@example.org');
  const made = await registration.accept(secret, choice);
  expect(await help.principalOf(made)).toMatchObject({ tenant: null, role: 'on-call' });
});

test('a stranger gets at most five mails in an hour sent to one address', async () => {
  const person = await help.signUp();
  const { registration, account } = stores.accounts;
  for (let count = 0; count < 8; count += 1) {
    await account.requestReset(person.tenant, person.address);
    await registration.signUp('often@example.org');
  }
  const resets = (await help.mailTo(person.address)).filter((subject) => subject.includes('eset'));
  // The mail for the sign-up of this person counts too.
  expect(resets).toHaveLength(4);
  expect(await help.mailTo('often@example.org')).toHaveLength(5);
});

/** Until both processes share their counts. */
async function untilShared(): Promise<void> {
  await help.signUp();
  await eventually(() => {
    expect([stores, elsewhere].map((process) => process.authThrottle.isShared())).toEqual([
      true,
      true,
    ]);
  });
}

test.each([
  ['wrong passwords', 'known'],
  ['an unknown address', 'unknown'],
])(
  'ten sign-ins with %s are refused in every process of identity (ASVS 6.3.1)',
  async (_what, kind) => {
    await untilShared();
    const { tenant, ...person } = await help.signUp();
    const address = kind === 'known' ? person.address : 'nobody@example.org';
    const { from } = person;
    const guess = (process: Stores, text: string, by = from) =>
      process.accounts.signIn.withPassword({ tenant, address, password: text, device, from: by });
    for (let count = 0; count < 5; count += 1) {
      for (const process of [stores, elsewhere]) {
        await expect(guess(process, 'a wrong one')).rejects.toThrow(WrongCredentialsError);
      }
    }
    for (const process of [stores, elsewhere]) {
      // The right password is not compared either.
      await eventually(() => expect(guess(process, password)).rejects.toThrow(ThrottledError));
    }
    if (kind === 'unknown') return;
    expect(await guess(stores, password, newClient())).toMatchObject({
      factors: ['code', 'recovery-code'],
    });
    clock.ahead += 15 * minute;
    expect(await guess(elsewhere, password)).toMatchObject({ factors: ['code', 'recovery-code'] });
  },
);

test('wrong second factors and passwords count together, and only a complete sign-in ends the count', async () => {
  await untilShared();
  const person = await help.signUp();
  const { signIn } = stores.accounts;
  const fail = async () => {
    // The right password.
    const { challenge } = await help.begin(person);
    const wrong = { recoveryCode: 'abcd-efgh' };
    await expect(signIn.withFactor(challenge, wrong, person.from)).rejects.toThrow(
      WrongCredentialsError,
    );
  };
  for (let count = 0; count < 9; count += 1) await fail();
  await help.signIn(person);
  for (let count = 0; count < 9; count += 1) await fail();
  await expect(help.begin(person, 'a wrong one')).rejects.toThrow(WrongCredentialsError);
  await expect(help.begin(person)).rejects.toThrow(ThrottledError);
});

test('a stranger gets five mails sent to one address by all processes together', async () => {
  await untilShared();
  const owner = await help.signUp();
  const address = 'shared@example.org';
  const ask = (process: Stores) => process.accounts.registration.signUp(address);
  const invite = ({ accounts: { registration } }: Stores) =>
    registration.invite(manager, owner.tenant, { address, role: 'reader' });
  for (const process of [stores, elsewhere, stores]) await ask(process);
  await invite(elsewhere);
  await ask(stores);
  for (const process of [stores, elsewhere]) {
    await eventually(() => expect(invite(process)).rejects.toThrow(ThrottledError));
  }
  expect(
    (await help.mailTo(address)).filter((subject) => !subject.includes('invite')),
  ).toHaveLength(4);
});

test('an unknown address takes as long as a wrong password (ASVS 6.3.8)', async () => {
  const person = await help.signUp();
  const { signIn } = stores.accounts;
  const timeOf = async (address: string) => {
    const wish = { tenant: person.tenant, address, password: 'wrong', device, from: newClient() };
    const begun = performance.now();
    await expect(signIn.withPassword(wish)).rejects.toThrow(WrongCredentialsError);
    return performance.now() - begun;
  };
  const times = { known: [] as number[], unknown: [] as number[] };
  // In turns, so that the load of the machine affects both alike.
  for (let round = 0; round < 40; round += 1) {
    // Earlier failures are forgotten, so none is delayed.
    if (round % 4 === 0) {
      clock.ahead += 15 * minute;
      // It gets the keys again, which have expired.
      await timeOf(`before-${String(round)}@example.org`);
    }
    times.known.push(await timeOf(person.address));
    times.unknown.push(await timeOf(`nobody-${String(round)}@example.org`));
  }
  const median = (all: number[]) => all.toSorted((a, b) => a - b)[all.length / 2] ?? 0;
  const ratio = median(times.unknown) / median(times.known);
  // Without the work for a hash it is a tenth.
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.4);
});
