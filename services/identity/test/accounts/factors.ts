import { day, hour, minute } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { NotNowError, WrongCredentialsError } from '../../src/accounts/parts.ts';
import { CodesExhaustedError } from '../../src/people/people.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { device, newClient, password } from '../support/people.ts';
import { clock, elsewhere, help, stores, successes } from './processes.ts';

export function factorTests(): void {
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
    const code = person.enrolledWith;
    const { challenge } = await help.begin(person);
    await expect(
      stores.accounts.signIn.withFactor(challenge, { code }, newClient()),
    ).rejects.toThrow(WrongCredentialsError);
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
      stores.accounts.signIn.withFactor(
        next.challenge,
        { code: help.nextCode(person) },
        newClient(),
      ),
    ).rejects.toThrow(WrongCredentialsError);
  });

  test('after ten wrong codes no code is tried for an hour', async () => {
    const person = await help.signUp();
    for (let count = 0; count < 10; count += 1) {
      const { challenge } = await help.begin(person);
      const wrong = elsewhere.accounts.signIn.withFactor(
        challenge,
        { code: '000000' },
        newClient(),
      );
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
}
