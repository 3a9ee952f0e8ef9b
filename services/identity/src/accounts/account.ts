import type { PersonPrincipal } from '@mysmtp/api';
import type { PasskeyView } from '../people/factors.ts';
import { refusalOf } from '../people/passwords.ts';
import type { PersonDocument } from '../people/model.ts';
import { hasFactor, type PersonView } from '../people/people.ts';
import {
  NotNowError,
  NotThereError,
  PasswordRefusedError,
  WrongCredentialsError,
  type Parts,
} from './parts.ts';
import { accountOfPerson } from './sign-in-throttle.ts';
import { accountOf, realmOfPerson } from './sign-in.ts';

/** What a person sees of the own account. */
export interface AccountView extends PersonView {
  readonly totp: boolean;
  readonly passkeys: readonly PasskeyView[];
  /** How many are left. */
  readonly recoveryCodes: number;
}

/** A person's own account: to see it, to correct it (GDPR Art. 16), to leave. */
export interface Account {
  view(principal: PersonPrincipal): Promise<AccountView>;
  setName(principal: PersonPrincipal, name: string | null): Promise<void>;
  /**
   * Ends all other sessions. `from`: IP address of the client. Throws a `WrongCredentialsError`, a
   * `ThrottledError` or a `PasswordRefusedError`.
   */
  changePassword(
    principal: PersonPrincipal,
    change: { readonly password: string; readonly newPassword: string; readonly from: string },
  ): Promise<void>;
  /** Sends a link to the new address. Nothing changes before it is used. Throws a `ThrottledError`. */
  changeAddress(principal: PersonPrincipal, address: string): Promise<void>;
  /** By the link: the new address replaces the old one, which gets a link to undo it for 72 hours. */
  confirmAddress(secret: string): Promise<void>;
  /** By that link: the old address is back, and all sessions end. */
  undoAddress(secret: string): Promise<void>;
  /** Deletes the account. Throws a `NotNowError` for an owner, who must transfer the ownership before. */
  leave(principal: PersonPrincipal): Promise<void>;
  /**
   * Sends a link by which a new password is set, if there is such an account. Never rejects, and the answer
   * to the client does not wait for it: neither its time nor its result shows whether there is one.
   */
  requestReset(tenant: string, address: string): Promise<void>;
  /** Ends all sessions. The second factor stays. */
  reset(secret: string, password: string): Promise<void>;
}

const actorOf = ({ _id }: PersonDocument) => ({ kind: 'person', id: _id }) as const;

async function refuseWeak(password: string, address: string): Promise<void> {
  const refusal = await refusalOf(password, address);
  if (refusal !== undefined) throw new PasswordRefusedError(refusal);
}

export function createAccount(parts: Parts): Account {
  const {
    people,
    factors,
    sessions,
    challenges,
    passwords,
    notices,
    throttle,
    owners,
    link,
    clock,
    telemetry,
  } = parts;

  async function personOf(tenant: string, id: string | undefined): Promise<PersonDocument> {
    const person = id === undefined ? undefined : await people.find(tenant, id);
    if (person === undefined) throw new NotThereError();
    return person;
  }

  async function setPassword(person: PersonDocument, password: string): Promise<void> {
    await people.setPassword(person, await passwords.hash(password));
    // A sign-in that has begun with the old password ends too.
    await challenges.drop(person._id, ['sign-in', 'password-reset']);
    telemetry.passwordChanged(person.tenant, person._id);
    const address = await people.addressOf(person);
    await notices.send(realmOfPerson(person), address, 'password-changed', { at: clock.now() });
  }

  async function sendReset(tenant: string, address: string): Promise<void> {
    const person = await people.findByAddress(tenant, address);
    if (person === undefined || throttle.countMail(address) !== undefined) return;
    // A mailbox does not replace the second factor at the provider.
    if (person.providerSubject !== undefined && !hasFactor(person)) return;
    const owner = { tenant, person: person._id };
    const { secret, expiresAt } = await challenges.issue('password-reset', owner, {});
    // Not to the address as it was typed, which may differ in case.
    const own = await people.addressOf(person);
    await notices.send(realmOfPerson(person), own, 'password-reset', {
      link: link('password-reset', secret),
      until: expiresAt,
    });
  }

  return {
    async view(principal) {
      const person = await accountOf(parts, principal);
      return {
        ...(await people.view(person)),
        totp: person.totp !== undefined,
        passkeys: await factors.listPasskeys(person),
        recoveryCodes: person.recoveryCodes.length,
      };
    },
    async setName(principal, name) {
      const person = await accountOf(parts, principal);
      await people.setName(person, name);
      telemetry.personChanged(actorOf(person), person.tenant, person._id, 'name');
    },
    async changePassword(principal, { password, newPassword, from }) {
      const person = await accountOf(parts, principal);
      await refuseWeak(newPassword, await people.addressOf(person));
      await throttle.guard({ address: from, account: accountOfPerson(person) }, async () => {
        if (!(await passwords.verify(await people.passwordOf(person), password))) {
          throw new WrongCredentialsError();
        }
      });
      await setPassword(person, newPassword);
      await sessions.endAll(person._id, principal.session);
    },
    async changeAddress(principal, address) {
      const person = await accountOf(parts, principal);
      const { tenant, _id } = person;
      const throttled = throttle.countMail(address);
      if (throttled !== undefined) throw throttled;
      await challenges.drop(_id, ['email']);
      const { secret, expiresAt } = await challenges.issue(
        'email',
        { tenant, person: _id },
        { address },
      );
      await notices.send(realmOfPerson(person), address, 'email-verification', {
        link: link('email', secret),
        until: expiresAt,
      });
    },
    async confirmAddress(secret) {
      const challenge = await challenges.find('email', secret);
      if (challenge === undefined) throw new NotThereError();
      const person = await personOf(challenge.tenant, challenge.person);
      const { tenant, _id } = person;
      const old = await people.addressOf(person);
      if (!(await challenges.take(challenge))) throw new NotThereError();
      await people.setAddress(person, challenge.content.address);
      // Links that were sent to the old address.
      await challenges.drop(_id, ['password-reset']);
      const undo = await challenges.issue('email-undo', { tenant, person: _id }, { address: old });
      telemetry.personChanged(actorOf(person), tenant, _id, 'email');
      await notices.send(realmOfPerson(person), old, 'email-changed', {
        at: clock.now(),
        link: link('email-undo', undo.secret),
        until: undo.expiresAt,
      });
      await owners.follow({ tenant, id: _id });
    },
    async undoAddress(secret) {
      const challenge = await challenges.find('email-undo', secret);
      if (challenge === undefined) throw new NotThereError();
      const person = await personOf(challenge.tenant, challenge.person);
      if (!(await challenges.take(challenge))) throw new NotThereError();
      await people.setAddress(person, challenge.content.address, { undoes: true });
      await challenges.drop(person._id, ['email', 'sign-in', 'password-reset', 'lost-factor']);
      // Whoever changed the address twice has the link that undoes the second change. The first owner wins.
      await challenges.dropLater(challenge);
      await sessions.endAll(person._id);
      telemetry.personChanged(actorOf(person), person.tenant, person._id, 'email');
      await owners.follow({ tenant: person.tenant, id: person._id });
    },
    async leave(principal) {
      const person = await accountOf(parts, principal);
      const { tenant, _id } = person;
      if (!(await people.remove(tenant, _id))) {
        throw new NotNowError('The owner must transfer the ownership before leaving');
      }
      await parts.departures.left(actorOf(person), tenant, _id);
      telemetry.personRemoved(actorOf(person), tenant, _id);
    },
    async requestReset(tenant, address) {
      try {
        await sendReset(tenant, address);
      } catch (error) {
        telemetry.resetFailed(error);
      }
    },
    async reset(secret, password) {
      const challenge = await challenges.find('password-reset', secret);
      if (challenge === undefined) throw new NotThereError();
      const person = await personOf(challenge.tenant, challenge.person);
      await refuseWeak(password, await people.addressOf(person));
      if (!(await challenges.take(challenge))) throw new NotThereError();
      await setPassword(person, password);
      await sessions.endAll(person._id);
    },
  };
}
