import { operatorRealm } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import {
  NotThereError,
  PasswordRefusedError,
  WrongCredentialsError,
} from '../../src/accounts/parts.ts';
import { AddressTakenError } from '../../src/people/people.ts';
import { device, newClient, password } from '../support/people.ts';
import { help, lookUp, manager, stores } from './processes.ts';

export function registrationTests(): void {
  test('sign-up: the address is verified, then a password, then a second factor, and then a session', async () => {
    const address = 'owner@example.org';
    const { registration, signIn, enrolment } = stores.accounts;
    await registration.signUp(address, newClient());
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
}
