import { randomUUID } from 'node:crypto';
import { minute } from '@mysmtp/contracts';
import { Registry } from 'prom-client';
import { createLogger } from '@mysmtp/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NotThereError } from '../src/accounts/parts.ts';
import { createRegistration } from '../src/accounts/registration.ts';
import { createPasswords, type Passwords } from '../src/people/passwords.ts';
import { createPeopleTelemetry } from '../src/people/telemetry.ts';
import type { Stores } from '../src/stores.ts';
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
let passwords: Passwords;
let help: Helpers;

beforeAll(async () => {
  world = opened.use(await openWorld());
  ({ stores } = opened.use(await openRooms(world, undefined, clock)));
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
    await registration.signUp(address);
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
  await registration.signUp(address);
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
