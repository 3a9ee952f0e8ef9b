import { randomUUID } from 'node:crypto';
import { minute } from '@mysmtp/contracts';
import { Registry } from 'prom-client';
import { createLogger } from '@mysmtp/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotNowError, NotThereError, WrongCredentialsError } from '../src/accounts/parts.ts';
import type { NewSession } from '../src/people/sessions.ts';
import type { ProviderSettings } from '../src/providers/model.ts';
import { ProviderRefusedError, ProviderUnavailableError } from '../src/providers/open-id.ts';
import { createRegistration } from '../src/accounts/registration.ts';
import { createPasswords, type Passwords } from '../src/people/passwords.ts';
import { createPeopleTelemetry } from '../src/people/telemetry.ts';
import type { Stores } from '../src/stores.ts';
import { readDatabase } from './support/documents.ts';
import { openRooms } from './support/identity.ts';
import {
  startOpenIdProvider,
  type AtProvider,
  type OpenIdProvider,
} from '@mysmtp/test-kit/open-id-provider';
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
let passwords: Passwords;
let help: Helpers;
let lines: readonly string[];
let provider: OpenIdProvider;

beforeAll(async () => {
  world = opened.use(await openWorld());
  const given = { privateProviders: true };
  ({ stores, lines } = opened.use(await openRooms(world, undefined, clock, given)));
  provider = opened.use(await startOpenIdProvider('http://localhost/sign-in/provider'));
  passwords = await createPasswords();
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

const writes = ['hold', 'open', 'add', 'setPassword', 'setName', 'endAll'];

/** The registration of a process that stops after its nth write: it never goes on. */
function stoppingAfter(last: number) {
  let count = 0;
  let stop: () => void;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  const stopping = <Store extends object>(store: Store): Store =>
    new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function' || !writes.includes(String(name))) return value;
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(value, target, args);
          count += 1;
          if (count < last) return result;
          stop();
          return new Promise(() => undefined);
        };
      },
    });
  const { people, sessions, challenges, throttle } = stores.accounts;
  const log = createLogger('identity', 'error', { write: () => undefined });
  const registration = createRegistration({
    people: stopping(people),
    sessions: stopping(sessions),
    challenges: stopping(challenges),
    tenants: stopping(stores.tenants),
    domains: stores.domains,
    activate: stores.activateOperatorRealm,
    passwords,
    notices: stores.notices,
    throttle,
    owners: stores.accounts.owners,
    link: (page, secret) => `${page}#${secret}`,
    clock,
    telemetry: createPeopleTelemetry(log, new Registry()),
  });
  return { registration, stopped };
}

const tenantsBy = (person: string) =>
  readDatabase(world.mongodbUrl, async (db) => {
    const found = await db
      .collection('people')
      .find({ _id: person as never })
      .toArray();
    return { people: found.length, tenants: await db.collection('tenants').countDocuments() };
  });

/** Hold, tenant, account, session: then its answer is lost. */
test.each([1, 2, 3, 4])(
  'a sign-up that stops after write %i is finished by the same link',
  async (last) => {
    const address = `${randomUUID()}@example.org`;
    const { registration, people, signIn, enrolment } = stores.accounts;
    const before = (await tenantsBy('none')).tenants;
    await registration.signUp(address, newClient());
    const secret = await help.secretFor(address);
    const first = { tenant: 'Mistyped', password: 'the first password', device };
    const process = stoppingAfter(last);
    void process.registration.finishSignUp(secret, first);
    await process.stopped;

    const choice = { tenant: 'Customer', name: 'Jane Doe', password, device };
    await expect(registration.finishSignUp(secret, choice)).rejects.toThrow(NotThereError);
    clock.ahead += 2 * minute;
    const made = await registration.finishSignUp(secret, choice);
    expect(await tenantsBy(made.person)).toEqual({ people: 1, tenants: before + 1 });
    expect(await stores.tenants.find(made.tenant)).toMatchObject({ name: 'Customer' });
    expect(await people.list(made.tenant)).toMatchObject([{ _id: made.person, role: 'owner' }]);

    // Only the session and the password of the last attempt are valid.
    expect(await stores.accounts.sessions.list(made.person)).toMatchObject([{ id: made.session }]);
    const from = newClient();
    const wish = { tenant: made.tenant, address, device, from };
    await expect(signIn.withPassword({ ...wish, password: first.password })).rejects.toThrow();
    expect(await signIn.withPassword({ ...wish, password })).toHaveProperty('token');
    const principal = await help.principalOf(made);
    const setup = await enrolment.beginTotp(principal);
    await enrolment.finishTotp(principal, setup.challenge, help.nextCode(setup), newClient());
    clock.ahead += 2 * minute;
    await expect(registration.finishSignUp(secret, choice)).rejects.toThrow(NotThereError);
  },
);

test.each([1, 2, 3])(
  'an invitation that stops after write %i is accepted by the same link',
  async (last) => {
    const owner = await help.signUp();
    const address = `${randomUUID()}@example.org`;
    const { registration, people, enrolment } = stores.accounts;
    const actor = { kind: 'person', id: owner.id } as const;
    await registration.invite(actor, owner.tenant, { address, role: 'reader' });
    const secret = await help.secretFor(address);
    const process = stoppingAfter(last);
    void process.registration.accept(secret, { password: 'the first password', device });
    await process.stopped;
    clock.ahead += 2 * minute;
    const made = await registration.accept(secret, { password, device });
    expect(await people.list(owner.tenant)).toMatchObject([
      { _id: owner.id },
      { _id: made.person },
    ]);
    const principal = await help.principalOf(made);
    const setup = await enrolment.beginTotp(principal);
    await enrolment.finishTotp(principal, setup.challenge, help.nextCode(setup), newClient());
    expect(await registration.listInvitations(owner.tenant)).toEqual([]);
  },
);

test('a link works again at once if a step fails, and never for a person who was removed', async () => {
  const owner = await help.signUp();
  const { registration, team } = stores.accounts;
  const actor = { kind: 'person', id: owner.id } as const;
  const address = `${randomUUID()}@example.org`;
  await registration.invite(actor, owner.tenant, { address, role: 'reader' });
  const secret = await help.secretFor(address);
  await registration.invite(actor, owner.tenant, { address, role: 'admin' });
  const other = await registration.accept(await help.secretFor(address), { password, device });
  await expect(registration.accept(secret, { password, device })).rejects.toThrow('address');
  await team.remove(actor, owner.tenant, other.person);
  const made = await registration.accept(secret, { password, device });
  await team.remove(actor, owner.tenant, made.person);
  clock.ahead += 2 * minute;
  await expect(registration.accept(secret, { password, device })).rejects.toThrow(NotThereError);
});

test('an erasure deletes the link of a sign-up that has made the tenant, too', async () => {
  const address = `${randomUUID()}@example.org`;
  const { registration, challenges } = stores.accounts;
  await registration.signUp(address, newClient());
  const secret = await help.secretFor(address);
  const { tenant } = await registration.finishSignUp(secret, {
    tenant: 'Customer',
    password,
    device,
  });
  expect(await challenges.find('sign-up', secret)).toBeDefined();
  expect(await challenges.purge(tenant)).toBe(1);
  expect(await challenges.find('sign-up', secret)).toBeUndefined();
});

const domainOf = (address: string) => address.slice(address.indexOf('@') + 1);

/** A tenant with this provider, and a domain of its own for its people. */
async function withProvider(more: Partial<ProviderSettings> = {}) {
  const owner = await help.signUp(`owner@${randomUUID()}.example`);
  const domain = domainOf(owner.address);
  const vouch = { reason: 'Test', withoutDns: true };
  await stores.domains.add(actorOf(owner), owner.tenant, domain, vouch);
  const settings: ProviderSettings = {
    issuer: provider.issuer,
    clientId: provider.clientId,
    domains: [domain],
    joinAs: null,
    acceptsFactor: false,
    factorContexts: [],
    ...more,
  };
  const { providerSignIn } = stores.accounts;
  await providerSignIn.configure(actorOf(owner), owner.tenant, settings, provider.clientSecret);
  return { owner, tenant: owner.tenant, domain, settings };
}

const actorOf = ({ id }: { readonly id: string }) => ({ kind: 'person', id }) as const;

const at = (domain: string, name = randomUUID()): AtProvider => ({
  subject: `subject-${name}`,
  email: `${name}@${domain}`,
});

async function signInAt(tenant: string, person: AtProvider, from = newClient()) {
  const { providerSignIn } = stores.accounts;
  const { challenge, url } = await providerSignIn.begin({ tenant, device });
  return providerSignIn.finish(challenge, await provider.visit(url, person), from);
}

test('by the provider, a member presents the own second factor and nobody else gets in', async () => {
  const { owner, tenant, domain } = await withProvider();
  const own = { subject: 'the-owner', email: owner.address, amr: ['mfa'] };
  const request = await signInAt(tenant, own, owner.from);
  expect(request).toMatchObject({ factors: ['code', 'recovery-code'] });
  const { challenge } = request as { challenge: string };
  const code = help.nextCode(owner);
  const session = await stores.accounts.signIn.withFactor(challenge, { code }, owner.from);
  expect(await help.principalOf(session)).toMatchObject({ id: owner.id, role: 'owner' });

  for (const [person, reason] of [
    [at(domain), 'No account and no invitation has this address'],
    [at('elsewhere.example'), 'Addresses of this domain do not sign in by this provider'],
    [{ ...at(domain), email_verified: false }, 'The provider confirms no verified address'],
    [
      { ...own, subject: 'another' },
      'The account with this address belongs to another person at the provider',
    ],
  ] as const) {
    await expect(signInAt(tenant, person), reason).rejects.toThrow(
      new ProviderRefusedError(reason),
    );
  }
  // Bound to the subject: a new address there is still the same account.
  const moved = await signInAt(tenant, { ...own, email: `moved@${domain}` });
  expect(moved).toMatchObject({ factors: ['code', 'recovery-code'] });
  const domains = await stores.domains.list(tenant);
  await stores.domains.remove(actorOf(owner), domains[0]!.id);
  await expect(signInAt(tenant, own)).rejects.toThrow(ProviderRefusedError);
});

test('an answer of the provider works once, in its own sign-in, with the right state', async () => {
  const { owner, tenant } = await withProvider();
  const own = { subject: 'the-owner', email: owner.address };
  const { providerSignIn } = stores.accounts;
  const begin = () => providerSignIn.begin({ tenant, device });
  const { challenge, url } = await begin();
  const asked = new URL(url).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
  const parameters = await provider.visit(url, own);
  const other = await begin();
  const finish = (secret: string, text: string) => providerSignIn.finish(secret, text, newClient());
  await expect(finish(other.challenge, parameters)).rejects.toThrow(ProviderRefusedError);
  await finish(challenge, parameters);
  await expect(finish(challenge, parameters)).rejects.toThrow(WrongCredentialsError);
  const refused = await begin();
  const { searchParams } = new URL(refused.url);
  const denied = `error=access_denied&state=${searchParams.get('state') ?? ''}&iss=${provider.issuer}`;
  await expect(finish(refused.challenge, denied)).rejects.toThrow(ProviderRefusedError);
  const late = await begin();
  clock.ahead += 10 * minute;
  await expect(finish(late.challenge, parameters)).rejects.toThrow(WrongCredentialsError);
});

test('a person joins with the role of the invitation, or with the one that the tenant allows', async () => {
  const { owner, tenant, domain, settings } = await withProvider();
  const { registration, people, providerSignIn } = stores.accounts;
  const invited = at(domain);
  await registration.invite(actorOf(owner), tenant, { address: invited.email, role: 'dpo' });
  const joined = await signInAt(tenant, invited);
  // Without a second factor it can only enrol one.
  const principal = await help.principalOf(joined as NewSession);
  expect(principal).toMatchObject({ role: 'dpo', tenant });
  expect([...principal.permissions]).toEqual(['factors:enrol']);
  expect(await registration.listInvitations(tenant)).toEqual([]);

  await providerSignIn.configure(actorOf(owner), tenant, { ...settings, joinAs: 'reader' });
  const stranger = at(domain);
  expect(await help.principalOf((await signInAt(tenant, stranger)) as NewSession)).toMatchObject({
    role: 'reader',
  });
  expect(await people.list(tenant)).toHaveLength(3);
  // A mailbox alone opens nothing.
  await stores.accounts.account.requestReset(tenant, stranger.email);
  expect(await help.mailTo(stranger.email)).toEqual([]);
});

test('a second factor at the provider counts only if the tenant says so, and never for the owner', async () => {
  const factors = { acceptsFactor: true, factorContexts: ['urn:example:strong'] };
  const { owner, tenant, domain } = await withProvider({ ...factors, joinAs: 'developer' });
  const permissionsOf = async (person: AtProvider) =>
    (await help.principalOf((await signInAt(tenant, person)) as NewSession)).permissions;
  for (const strong of [{ amr: ['pwd', 'mfa'] }, { acr: 'urn:example:strong' }]) {
    expect((await permissionsOf({ ...at(domain), ...strong })).has('credentials:write')).toBe(true);
  }
  for (const weak of [{}, { amr: ['pwd'] }, { acr: 'urn:example:weak' }]) {
    expect([...(await permissionsOf({ ...at(domain), ...weak }))]).toEqual(['factors:enrol']);
  }
  const own = { subject: 'the-owner', email: owner.address, amr: ['mfa'] };
  expect(await signInAt(tenant, own)).toHaveProperty('factors');
  // An account with a factor of its own is bound by it first.
  const member = await help.invited(tenant, 'admin');
  const { account, people } = stores.accounts;
  const address = `member@${domain}`;
  await people.setAddress((await people.find(tenant, member.id))!, address);
  const atProvider = { subject: 'the-member', email: address, amr: ['mfa'] };
  const request = await signInAt(tenant, atProvider);
  const { challenge } = request as { challenge: string };
  const code = help.nextCode(member);
  await stores.accounts.signIn.withFactor(challenge, { code }, newClient());
  expect((await permissionsOf(atProvider)).has('people:write')).toBe(true);
  expect(await account.view(await help.principalOf(member.session))).toMatchObject({ totp: true });
});

test('the secret of our client is neither shown nor sent to another issuer', async () => {
  const { owner, tenant, settings } = await withProvider();
  const { providerSignIn, people } = stores.accounts;
  const configure = (change: Partial<ProviderSettings>, secret?: string) =>
    providerSignIn.configure(actorOf(owner), tenant, { ...settings, ...change }, secret);
  const view = await providerSignIn.view(tenant);
  expect(view).toEqual({ ...settings, redirectUri: 'http://localhost/sign-in/provider' });
  await expect(configure({ issuer: 'https://evil.example' })).rejects.toThrow(NotNowError);
  await expect(configure({ domains: ['other.example'] })).rejects.toThrow(NotNowError);
  await expect(configure({ issuer: `${provider.issuer}/none` }, 'x')).rejects.toThrow(
    ProviderUnavailableError,
  );
  await configure({ joinAs: 'reader' });

  await providerSignIn.remove(actorOf(owner), tenant);
  await expect(providerSignIn.begin({ tenant, device })).rejects.toThrow(NotThereError);
  expect((await people.list(tenant)).some((person) => 'providerSubject' in person)).toBe(false);
  const stored = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('signInProviders').find().toArray(),
  );
  expect(stored.length).toBeGreaterThan(0);
  const everything = JSON.stringify(stored) + lines.join('');
  for (const text of [provider.clientSecret, provider.issuer, '.example"', 'subject-']) {
    expect(everything).not.toContain(text);
  }
});
