import { randomUUID } from 'node:crypto';
import { day, minute } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { personRequestRoutes } from '../../src/api/person-requests.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { device, newClient, password, type TestPerson } from '../support/people.ts';
import { clock, help, stores, world } from './processes.ts';

type Account = Pick<TestPerson, 'tenant' | 'id'>;

/** What identity answers to privacy about an account. */
async function answerAbout({ tenant: realm, id: person }: Account) {
  const { findAccount } = personRequestRoutes(stores);
  const { body } = await findAccount({ body: { realm, person } } as never);
  return body as { address: string; changedAt?: number; undoneAt?: number };
}

/** Does this a minute later. Whether it has changed the account. */
async function changes(person: Account, act: () => Promise<unknown>): Promise<boolean> {
  clock.ahead += minute;
  const [began, before] = [clock.now(), (await answerAbout(person)).changedAt];
  await act();
  const { changedAt = 0 } = await answerAbout(person);
  if (changedAt === (before ?? 0)) return false;
  expect(changedAt).toBeGreaterThanOrEqual(began);
  expect(changedAt).toBeLessThanOrEqual(clock.now());
  return true;
}

async function addPasskey(person: TestPerson): Promise<void> {
  const { enrolment } = stores.accounts;
  const principal = await help.principalOf(person.session);
  const { options, challenge } = await enrolment.beginPasskey(principal);
  const response = createAuthenticator('http://localhost').create(options);
  await enrolment.finishPasskey(principal, challenge, { response, label: 'Key' }, newClient());
}

async function changeAddress(person: TestPerson, to = `${randomUUID()}@example.net`) {
  const { account } = stores.accounts;
  await account.changeAddress(await help.principalOf(person.session), to);
  await account.confirmAddress(await help.secretFor(to));
  return to;
}

export function changeTests(): void {
  test('the password, the address, a factor and the provider account are changes; a new account, a name and a sign-in are none', async () => {
    const { account, enrolment, people, team, signIn } = stores.accounts;
    const person = await help.signUp();
    expect(await answerAbout(person)).toEqual({ address: person.address });
    const by = () => help.principalOf(person.session);
    expect({
      name: await changes(person, async () => account.setName(await by(), 'Jane')),
      signIn: await changes(person, () => help.signIn(person)),
      recoveryCode: await changes(person, async () => {
        const { challenge } = await help.begin(person);
        const [recoveryCode = ''] = person.recoveryCodes;
        await signIn.withFactor(challenge, { recoveryCode }, newClient());
      }),
      link: await changes(person, async () =>
        account.changeAddress(await by(), `${randomUUID()}@example.net`),
      ),
    }).toEqual({ name: false, signIn: false, recoveryCode: false, link: false });

    const newPassword = 'a quite different tandem';
    expect({
      password: await changes(person, async () =>
        account.changePassword(await by(), { password, newPassword, from: newClient() }),
      ),
      passkeyAdded: await changes(person, () => addPasskey(person)),
      totpRemoved: await changes(person, async () => enrolment.removeTotp(await by())),
      recoveryCodes: await changes(person, async () => enrolment.renewRecoveryCodes(await by())),
      secondPasskey: await changes(person, () => addPasskey(person)),
      passkeyRemoved: await changes(person, async () => {
        const [passkey] = (await account.view(await by())).passkeys;
        await enrolment.removePasskey(await by(), passkey?.id ?? '');
      }),
      address: await changes(person, () => changeAddress(person)),
      provider: await changes(person, async () => {
        const found = await people.find(person.tenant, person.id);
        const subject = { issuer: 'https://login.example.org', subject: randomUUID() };
        await people.bindSubject(found!, subject);
      }),
    }).toEqual({
      password: true,
      passkeyAdded: true,
      totpRemoved: true,
      recoveryCodes: true,
      secondPasskey: true,
      passkeyRemoved: true,
      address: true,
      provider: true,
    });

    const other = await help.invited(person.tenant, 'reader');
    expect({
      reset: await changes(other, async () => {
        await account.requestReset(other.tenant, other.address);
        await account.reset(await help.secretFor(other.address), newPassword);
      }),
      lostFactor: await changes(other, async () => {
        await team.requestLostFactor((await help.begin(other, newPassword)).challenge);
        const [lost] = await team.listLostFactors(other.tenant);
        await team.approveLostFactor({ kind: 'person', id: person.id }, other.tenant, lost!.id);
        clock.ahead += 3 * day;
        const { tenant, address } = other;
        const at = { tenant, address, password: newPassword, device, from: newClient() };
        const session = await signIn.withPassword(at);
        const principal = await help.principalOf(session as TestPerson['session']);
        const setup = await enrolment.beginTotp(principal);
        const code = help.nextCode(setup);
        await enrolment.finishTotp(principal, setup.challenge, code, newClient());
      }),
    }).toEqual({ reset: true, lostFactor: true });
  });

  test('a sign-up that is finished twice changes no account', async () => {
    const { registration } = stores.accounts;
    const address = `${randomUUID()}@example.org`;
    await registration.signUp(address, newClient());
    const secret = await help.secretFor(address);
    const choice = { tenant: 'Customer', password, device };
    const { tenant, person: id } = await registration.finishSignUp(secret, choice);
    // The link is for one request for two minutes.
    clock.ahead += 2 * minute;
    await registration.finishSignUp(secret, choice);
    expect(await answerAbout({ tenant, id })).toEqual({ address });
  });

  test('a mail about a waiting request goes to the account, and to each former address until its link ends', async () => {
    const { account, rights } = stores.accounts;
    const person = await help.signUp();
    const { tenant: realm, id, address: first } = person;
    const second = await changeAddress(person);
    clock.ahead += minute;
    const third = await changeAddress(person);
    const actsAt = Date.UTC(2027, 1, 3, 4, 5);
    const notice = () => rights.noticeWaiting({ realm, person: id, kind: 'erasure', actsAt });
    const told = async () => {
      const counts = [];
      for (const address of [first, second, third]) {
        const subjects = await help.mailTo(address);
        counts.push(subjects.filter((subject) => subject.startsWith('A request')).length);
      }
      return counts;
    };
    await notice();
    expect(await told()).toEqual([1, 1, 1]);
    const textTo = (address: string) =>
      world.ingress.submitted.findLast(({ to }) => to === address)?.text ?? '';
    for (const address of [first, second, third]) {
      expect(textTo(address)).toContain('has requested: erasure');
      expect(textTo(address)).toContain('2027-02-03 04:05 UTC');
      expect(textTo(address)).not.toContain(third);
    }
    expect(textTo(third)).toContain('withdraw the request');
    expect(textTo(second)).toContain('undo the change');

    clock.ahead += 3 * day - minute;
    await notice();
    expect(await told()).toEqual([1, 2, 2]);

    const again = await help.signUp();
    const { changedAt } = await answerAbout(again);
    expect(changedAt).toBeUndefined();
    await changeAddress(again);
    clock.ahead += minute;
    const began = clock.now();
    await account.undoAddress(await help.secretFor(again.address));
    const { changedAt: changed = 0, ...undone } = await answerAbout(again);
    expect(undone).toEqual({ address: again.address, undoneAt: changed });
    expect(changed).toBeGreaterThanOrEqual(began);
    await rights.noticeWaiting({ realm: again.tenant, person: again.id, kind: 'access', actsAt });
    expect((await help.mailTo(again.address)).at(-1)).toBe('A request in your account waits');
  });
}
