import { randomUUID } from 'node:crypto';
import { registry } from '@mysmtp/contracts';
import type { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProviderSettings } from '../src/providers/model.ts';
import { readDatabase } from './support/documents.ts';
import { createAuthenticator } from './support/authenticator.ts';
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
let rooms: Awaited<ReturnType<typeof openRooms>>;
let help: Helpers;

beforeAll(async () => {
  world = opened.use(await openWorld());
  rooms = opened.use(await openRooms(world, undefined, clock));
  help = helpersFor(world, rooms.stores, clock);
});
afterAll(() => opened.disposeAsync());

const all = () =>
  readDatabase(world.mongodbUrl, async (db) => {
    const read = (name: string) => db.collection(name).find().toArray();
    return {
      people: await read('people'),
      sessions: await read('sessions'),
      challenges: await read('challenges'),
      signInProviders: await read('signInProviders'),
    };
  });

/** Paths of fields; an element of an array has the path of the array. */
function pathsOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => pathsOf(item, at));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [at];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner, at === '' ? key : `${at}.${key}`),
  );
}

test('what is stored of an account is registered, and sealed where it names a person', async () => {
  const { account, enrolment, team, registration } = rooms.stores.accounts;
  const address = `zacharias-${randomUUID()}@example.org`;
  const owner = await help.signUp(address);
  const person = await help.invited(owner.tenant, 'reader');
  const principal = await help.principalOf(owner.session);
  await account.setName(principal, 'Zacharias Quux');
  const { options, challenge } = await enrolment.beginPasskey(principal);
  const response = createAuthenticator('http://localhost').create(options);
  await enrolment.finishPasskey(
    principal,
    challenge,
    { response, label: 'Phone of Zacharias' },
    newClient(),
  );
  await help.signIn(owner);
  await team.requestLostFactor((await help.begin(person)).challenge);
  const [lost] = await team.listLostFactors(owner.tenant);
  await team.approveLostFactor({ kind: 'person', id: owner.id }, owner.tenant, lost!.id);
  const actor = { kind: 'command', id: 'test' } as const;
  await registration.invite(actor, owner.tenant, { address: 'zacharias@example.net', role: 'dpo' });
  // A sign-up before its second factor: its challenge has `opens` and `heldUntil`.
  await registration.signUp('zacharias@example.com', newClient());
  const begun = { tenant: 'Zacharias Ltd', password, device };
  await registration.finishSignUp(await help.secretFor('zacharias@example.com'), begun);
  const planted = { id: randomUUID(), tenant: owner.tenant, role: 'reader' } as const;
  await rooms.stores.accounts.people.add({ ...planted, address: 'canary@canary.invalid' });

  // `ownerSince` is there until the address is written to the tenant.
  const admin = await rooms.stores.accounts.people.find(owner.tenant, person.id);
  await rooms.stores.accounts.people.setAddress(admin!, 'zacharias@example.edu', {
    undoes: true,
  });
  await rooms.stores.accounts.people.bindSubject(admin!, {
    issuer: 'https://login.example.org',
    subject: 'zacharias',
  });
  const provider: ProviderSettings = {
    issuer: 'https://login.example.org',
    clientId: 'mysmtp',
    domains: ['example.org'],
    joinAs: null,
    acceptsFactor: false,
    factorContexts: [],
  };
  await rooms.stores.accounts.providers.set(owner.tenant, provider, 'zacharias-secret');

  const stored = await all();
  for (const [name, documents] of Object.entries(stored)) {
    const fields = registry.collections.find(({ id }) => id === `identity.${name}`)?.fields;
    const paths = new Set(documents.flatMap((document: mongo.Document) => pathsOf(document)));
    expect([...paths].sort(), name).toEqual(Object.keys(fields ?? {}).sort());
  }
  expect(stored.people.find(({ _id }) => String(_id) === owner.id)).toEqual({
    _id: owner.id,
    tenant: owner.tenant,
    role: 'owner',
    email: expect.any(String),
    emailIndex: expect.any(String),
    name: expect.any(String),
    password: expect.any(String),
    totp: { secret: expect.any(String), step: expect.any(Number), addedAt: expect.any(Number) },
    passkeys: [
      {
        id: expect.any(String),
        passkey: expect.any(String),
        label: expect.any(String),
        addedAt: expect.any(Number),
      },
    ],
    recoveryCodes: Array.from({ length: 10 }, () => expect.any(String)),
    failures: { count: 0, since: expect.any(Number) },
    devices: [expect.any(String)],
    createdAt: expect.any(Number),
    changedAt: expect.any(Number),
  });
  const bound = stored.people.find(({ _id }) => String(_id) === person.id);
  expect(bound).toMatchObject({
    ownerSince: expect.any(Number),
    undoneAt: expect.any(Number),
    providerSubject: expect.any(String),
  });
  expect(stored.signInProviders).toEqual([
    {
      _id: owner.tenant,
      settings: expect.any(String),
      clientSecret: expect.any(String),
      changedAt: expect.any(Number),
    },
  ]);
  const [session] = stored.sessions;
  expect(Object.keys(session ?? {})).toEqual(
    expect.arrayContaining(['person', 'kind', 'hash', 'device', 'factorAt', 'usedAt']),
  );
  const approved = stored.challenges.find(({ kind }) => kind === 'lost-factor');
  expect(approved).toMatchObject({ dueAt: expect.any(Number), expiresAt: expect.any(Number) });
  expect(approved).toMatchObject({ tries: 0, content: expect.any(String) });

  const everything = JSON.stringify(stored) + rooms.lines.join('');
  expect(everything).toContain(owner.id);
  const secrets = [owner.secret, owner.session.token, password, device, ...owner.recoveryCodes];
  for (const text of ['acharias', 'argon2', 'example.org', ...secrets]) {
    expect(everything).not.toContain(text);
  }
});

test('nothing is kept longer than the registry allows', async () => {
  const { accounts } = rooms.stores;
  await help.signUp();
  const limits = registry.collections.filter(({ id }) =>
    ['identity.sessions', 'identity.challenges'].includes(id),
  );
  for (const { limit } of limits) {
    clock.ahead += limit ?? 0;
    await accounts.sessions.dropExpired();
    await accounts.challenges.dropExpired();
  }
  const { sessions, challenges, people } = await all();
  expect([sessions, challenges]).toEqual([[], []]);
  expect(people.length).toBeGreaterThan(0);
});
