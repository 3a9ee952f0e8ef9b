import { randomUUID } from 'node:crypto';
import { day, minute } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stores } from '../src/stores.ts';
import { openRooms } from './support/identity.ts';
import { helpersFor, movedClock, type Helpers } from './support/people.ts';
import { openWorld } from './support/world.ts';

const opened = new AsyncDisposableStack();
const clock = movedClock();
let stores: Stores;
let help: Helpers;

beforeAll(async () => {
  const world = opened.use(await openWorld());
  ({ stores } = opened.use(await openRooms(world, undefined, clock)));
  help = helpersFor(world, stores, clock);
});
afterAll(() => opened.disposeAsync());

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
