import { hour, minute } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { WrongCredentialsError } from '../../src/accounts/parts.ts';
import { device, newClient } from '../support/people.ts';
import { clock, elsewhere, help, lookUp, manager, stores } from './processes.ts';

export function sessionTests(): void {
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
    await expect(
      signIn.stepUp(principal, foreign.challenge, { code }, newClient()),
    ).rejects.toThrow(WrongCredentialsError);
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
}
