import { randomUUID } from 'node:crypto';
import { day, exportedRecords, minute } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import type { PersonOfOrder } from '@mysmtp/orders';
import type { Tenants } from '@mysmtp/tenancy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { personStoresOf } from '../src/person-stores.ts';
import type { Stores } from '../src/stores.ts';
import { openRooms } from './support/identity.ts';
import { helpersFor, movedClock, type Helpers } from './support/people.ts';
import { openWorld } from './support/world.ts';

const opened = new AsyncDisposableStack();
const clock = movedClock();
let stores: Stores;
let help: Helpers;
let tenants: Tenants;

beforeAll(async () => {
  const world = opened.use(await openWorld());
  ({ stores, tenants } = opened.use(await openRooms(world, undefined, clock)));
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

/** What identity gathers for an order, by store. */
async function gathered(of: PersonOfOrder): Promise<Record<string, unknown[]>> {
  const { gather } = personStoresOf({ ...stores, access: tenants });
  const all: Record<string, unknown[]> = {};
  for (const [store, from] of Object.entries(gather)) {
    const records: unknown[] = [];
    for await (const portion of from(of)) records.push(...portion);
    all[store] = records;
    expect(z.array(exportedRecords[store as 'identity.people']).parse(all[store]), store).toEqual(
      all[store],
    );
  }
  return all;
}

const newAddress = () => `${randomUUID()}@example.org`;

test('Rectification (16): a wrong name is corrected, a new address is verified and the old one is told', async () => {
  const person = await help.signUp();
  const { rights, people, account } = stores.accounts;
  const realm = person.tenant;
  const since = clock.now();
  const newName = 'Jane Nordlicht';
  expect(await rights.correct({ realm, address: person.address, since, newName })).toBe(
    'corrected',
  );
  const found = await people.find(realm, person.id);
  expect((await people.view(found!)).name).toBe(newName);

  const newer = newAddress();
  const correction = { realm, address: person.address, since, newAddress: newer };
  expect(await rights.correct(correction)).toBe('waits');
  // It is asked again and again, and sends one mail.
  expect(await rights.correct(correction)).toBe('waits');
  expect(await help.mailTo(newer)).toEqual(['Please confirm your email address']);
  await account.confirmAddress(await help.secretFor(newer));
  expect(await rights.correct(correction)).toBe('corrected');
  expect((await help.mailTo(person.address)).at(-1)).toBe(
    'The email address of your account was changed',
  );
});

test('Rectification (16): an unknown address, one that is taken, and a link that nobody uses', async () => {
  const person = await help.signUp();
  const other = await help.invited(person.tenant, 'reader');
  const { rights, people } = stores.accounts;
  const realm = person.tenant;
  const since = clock.now();
  expect(await rights.correct({ realm, address: newAddress(), since, newName: 'X' })).toBe('none');
  // The account of somebody else with the right address is not touched.
  const wrong = { realm, address: newAddress(), since, newAddress: other.address, newName: 'X' };
  expect(await rights.correct(wrong)).toBe('corrected');
  expect((await people.view((await people.find(realm, other.id))!)).name).not.toBe('X');
  const taken = { realm, address: person.address, since, newAddress: other.address };
  expect(await rights.correct(taken)).toBe('taken');
  const unused = { realm, address: person.address, since, newAddress: newAddress() };
  expect(await rights.correct(unused)).toBe('waits');
  clock.ahead += day + minute;
  await stores.accounts.challenges.dropExpired();
  expect(await rights.correct(unused)).toBe('expired');
});

test('Erasure (17): the account of a person is closed once, and an owner transfers the ownership before', async () => {
  const owner = await help.signUp();
  const person = await help.invited(owner.tenant, 'reader');
  const { rights, sessions, people } = stores.accounts;
  expect(await rights.close(owner.tenant, owner.id)).toBe('owner');
  expect(await rights.close(owner.tenant, person.id)).toBe('closed');
  expect(await rights.close(owner.tenant, person.id)).toBe('closed');
  expect(await people.find(owner.tenant, person.id)).toBeUndefined();
  expect(await sessions.lookUp(hashToken(person.session.token))).toBeUndefined();
  expect(await people.find(owner.tenant, owner.id)).toBeDefined();
});

test('Access (15), A: who asks while signed in gets the whole account, and nothing of others or secret', async () => {
  const owner = await help.signUp();
  const other = await help.invited(owner.tenant, 'admin');
  const { tenant, id } = owner;
  const by = { kind: 'person', id } as const;
  const byOther = { kind: 'person', id: other.id } as const;
  const label = 'Newsletter of Jane';
  const key = await stores.tokens.create(by, { role: 'owner', tenant, label });
  const rotated = await stores.tokens.rotate(by, key.id, 1);
  await stores.tokens.create(byOther, { role: 'owner', tenant, label: 'Not mine' });
  const { id: credential, username } = await stores.credentials.createPassword(by, tenant, {
    label,
  });
  const network = await stores.credentials.createNetwork(by, tenant, '203.0.113.0/24');
  await stores.credentials.createPassword(byOther, tenant, { label: 'Not mine' });
  const invited = newAddress();
  await stores.accounts.registration.invite(by, tenant, { address: invited, role: 'reader' });
  const byAdmin = { address: newAddress(), role: 'reader' } as const;
  await stores.accounts.registration.invite(byOther, tenant, byAdmin);
  await stores.notices.submitDue();
  await stores.notices.send(tenant, owner.address, 'password-changed', { at: clock.now() });
  await stores.notices.send(tenant, other.address, 'password-changed', { at: clock.now() });

  const own = await gathered({ tenant, person: 'another index', account: id });
  expect(own['identity.people']).toMatchObject([
    {
      id,
      email: owner.address,
      role: 'owner',
      factors: [{ kind: 'totp', label: null }],
      recoveryCodes: owner.recoveryCodes.length,
    },
  ]);
  expect(own['identity.sessions']).toMatchObject([
    { id: owner.session.session, device: 'Firefox on Linux' },
  ]);
  expect(own['identity.challenges']).toMatchObject([
    { kind: 'invitation', address: invited, role: 'reader' },
  ]);
  expect(own['identity.notices']).toMatchObject([
    { subject: 'The password of your account was changed' },
  ]);
  expect(own['identity.tokens']).toMatchObject([
    { id: key.id, name: label },
    { id: rotated !== undefined && rotated !== 'replaced' ? rotated.id : '', name: label },
  ]);
  expect(own['identity.credentials']).toMatchObject([
    { id: credential, username, label },
    { id: network.id, username: null, label: null },
  ]);
  const text = JSON.stringify(own);
  const secrets = [owner.session.token, key.token, owner.secret, ...owner.recoveryCodes];
  for (const secret of secrets) {
    for (const form of [secret, hashToken(secret)]) expect(text).not.toContain(form);
  }
  for (const others of [other.address, byAdmin.address, 'Not mine']) {
    expect(text).not.toContain(others);
  }

  // The customer gets the record of the person in its team, and nothing of the account.
  const { emailIndex = '' } = (await stores.accounts.people.find(tenant, id)) ?? {};
  const { 'identity.people': records, ...rest } = await gathered({ tenant, person: emailIndex });
  expect(records).toEqual([
    {
      id,
      email: owner.address,
      name: null,
      role: 'owner',
      joinedAt: expect.any(String) as string,
    },
  ]);
  expect(Object.values(rest).flat()).toEqual([]);
});
