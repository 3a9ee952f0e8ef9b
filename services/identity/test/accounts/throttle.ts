import { day, minute } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { WrongCredentialsError } from '../../src/accounts/parts.ts';
import { ThrottledError } from '../../src/accounts/sign-in-throttle.ts';
import type { Stores } from '../../src/stores.ts';
import { device, newClient, password } from '../support/people.ts';
import { clock, elsewhere, help, manager, stores } from './processes.ts';

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

export function throttleTests(): void {
  test('a stranger gets at most five mails in an hour sent to one address', async () => {
    const person = await help.signUp();
    const { registration, account } = stores.accounts;
    for (let count = 0; count < 8; count += 1) {
      await account.requestReset(person.tenant, person.address);
      await registration.signUp('often@example.org', newClient());
    }
    const resets = (await help.mailTo(person.address)).filter((subject) =>
      subject.includes('eset'),
    );
    // The mail for the sign-up of this person counts too.
    expect(resets).toHaveLength(4);
    expect(await help.mailTo('often@example.org')).toHaveLength(5);
  });

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
      expect(await guess(elsewhere, password)).toMatchObject({
        factors: ['code', 'recovery-code'],
      });
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
    const ask = (process: Stores) => process.accounts.registration.signUp(address, newClient());
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

  test('from one network there are at most twenty sign-ups in a day, by all processes together', async () => {
    await untilShared();
    const from = newClient();
    const ask = (process: Stores, name: string) =>
      process.accounts.registration.signUp(`${name}@bulk.example`, from);
    for (let count = 0; count < 10; count += 1) {
      for (const [at, process] of [stores, elsewhere].entries()) {
        await ask(process, `${String(at)}-${String(count)}`);
      }
    }
    for (const process of [stores, elsewhere]) {
      await eventually(() => expect(ask(process, 'more')).rejects.toThrow(ThrottledError));
    }
    expect(await help.mailTo('0-0@bulk.example')).toHaveLength(1);
    const refused = await ask(stores, 'more').catch((error: unknown) => error);
    expect((refused as ThrottledError).seconds).toBeGreaterThan(86_000);
    await stores.accounts.registration.signUp('neighbour@bulk.example', newClient());
    clock.ahead += day;
    await ask(stores, 'tomorrow');
    expect(await help.mailTo('tomorrow@bulk.example')).toHaveLength(1);
  });
}
