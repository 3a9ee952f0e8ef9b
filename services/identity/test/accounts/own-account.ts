import { randomUUID } from 'node:crypto';
import { day, minute } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import {
  NotNowError,
  NotThereError,
  PasswordRefusedError,
  WrongCredentialsError,
} from '../../src/accounts/parts.ts';
import { AddressTakenError } from '../../src/people/people.ts';
import { readDatabase } from '../support/documents.ts';
import { newClient, password } from '../support/people.ts';
import {
  clock,
  elsewhere,
  help,
  lines,
  lookUp,
  manager,
  stores,
  successes,
  world,
} from './processes.ts';

/** The address that is kept with the tenant, and its change for other services. */
async function ownerOf(tenant: string) {
  const { owner } = (await elsewhere.tenants.find(tenant)) ?? {};
  const stored = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('tenants').findOne({ _id: tenant as never }),
  );
  return { owner, version: stored?.['version'], waits: stored?.['pendingSince'] !== undefined };
}

export function ownAccountTests(): void {
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

  test('who undoes the first change of an address wins against who made two', async () => {
    const person = await help.signUp();
    const { account, people } = stores.accounts;
    const principal = await help.principalOf(person.session);
    const theirs = [`${randomUUID()}@example.net`, `${randomUUID()}@example.net`] as const;
    for (const address of theirs) {
      await account.changeAddress(principal, address);
      await account.confirmAddress(await help.secretFor(address));
      clock.ahead += minute;
    }
    const undoFirst = await help.secretFor(person.address);
    const undoSecond = await help.secretFor(theirs[0]);
    await account.undoAddress(undoFirst);
    await expect(account.undoAddress(undoSecond)).rejects.toThrow(NotThereError);
    const now = await people.find(person.tenant, person.id);
    expect(await people.addressOf(now!)).toBe(person.address);

    // The later link leaves the earlier one in force.
    const again = await help.principalOf(await help.signIn(person));
    for (const address of theirs) {
      await account.changeAddress(again, address);
      await account.confirmAddress(await help.secretFor(address));
      clock.ahead += minute;
    }
    const first = await help.secretFor(person.address);
    await account.undoAddress(await help.secretFor(theirs[0]));
    await account.undoAddress(first);
    await help.begin(person);
  });

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
}
