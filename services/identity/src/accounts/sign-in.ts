import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import type { PersonPrincipal } from '@mysmtp/api';
import { operatorRealm } from '@mysmtp/contracts';
import type { ChallengeContent } from '../people/challenges.ts';
import type { PresentedFactor } from '../people/factors.ts';
import type { PersonDocument, SessionKind } from '../people/model.ts';
import { hasFactor, type ProviderSubject } from '../people/people.ts';
import type { NewSession } from '../people/sessions.ts';
import { NotThereError, WrongCredentialsError, type Parts } from './parts.ts';
import { accountNamed, accountOfPerson } from './sign-in-throttle.ts';

/** What a person can present, and by which secret. */
export interface FactorRequest {
  readonly challenge: string;
  readonly expiresAt: number;
  readonly factors: readonly ('code' | 'passkey' | 'recovery-code')[];
  /** Options for the authenticator, if there is a passkey. */
  readonly passkey: PublicKeyCredentialRequestOptionsJSON | null;
}

/** Sign-in: first the password, then the second factor, and only then a session. */
export interface SignIn {
  /**
   * A session only for a person who has no second factor: it may do nothing but enrol one. Throws a
   * `WrongCredentialsError`, after the same work for every reason, a `ThrottledError` or a `BusyError`.
   * `from`: IP address of the client.
   */
  withPassword(wish: {
    readonly tenant: string;
    readonly address: string;
    readonly password: string;
    readonly device: string;
    readonly from: string;
  }): Promise<FactorRequest | NewSession>;
  /**
   * What follows the password, or the provider of the tenant in its place. `provider`: is stored once the
   * person has presented the own second factor.
   */
  afterFirst(
    person: PersonDocument,
    device: string,
    provider?: ProviderSubject,
  ): Promise<FactorRequest | NewSession>;
  /** After a second factor at the provider. `factorAt`: when it was presented, in milliseconds. */
  withoutOurs(
    person: PersonDocument,
    client: { readonly device: string; readonly from: string; readonly factorAt: number },
  ): Promise<NewSession>;
  /** Throws a `WrongCredentialsError`, a `ThrottledError` or a `CodesExhaustedError`. */
  withFactor(challenge: string, factor: PresentedFactor, from: string): Promise<NewSession>;
  /** Begins to present a passkey in a session. */
  beginStepUp(principal: PersonPrincipal): Promise<FactorRequest>;
  /** Makes the second factor of the session fresh. Throws as `withFactor` does. */
  stepUp(
    principal: PersonPrincipal,
    challenge: string,
    factor: PresentedFactor,
    from: string,
  ): Promise<void>;
}

/** The realm of a person with a session. */
export const realmOf = ({ tenant }: PersonPrincipal): string => tenant ?? operatorRealm;

/** The account of a person with a session. Throws a `NotThereError` if it was removed a moment ago. */
export async function accountOf(
  { people }: Pick<Parts, 'people'>,
  principal: PersonPrincipal,
): Promise<PersonDocument> {
  const person = await people.find(realmOf(principal), principal.id);
  if (person === undefined) throw new NotThereError();
  return person;
}

export function createSignIn(parts: Parts): SignIn {
  const { people, factors, sessions, challenges, passwords, passkeys } = parts;
  const { notices, throttle, clock, telemetry } = parts;

  /** `replace`: a human has approved it, and the waiting time is over. */
  async function enrolmentOf(person: PersonDocument): Promise<SessionKind | undefined> {
    if (!hasFactor(person)) return 'enrol';
    const { tenant, _id } = person;
    const lost = await challenges.list('lost-factor', { tenant, person: _id });
    const isDue = lost.some(({ dueAt = Infinity }) => dueAt <= clock.now());
    return isDue ? 'replace' : undefined;
  }

  async function requestFactor<Kind extends 'sign-in' | 'step-up'>(
    person: PersonDocument,
    kind: Kind,
    content: ChallengeContent[Kind],
  ): Promise<FactorRequest> {
    const { _id, tenant, totp, recoveryCodes } = person;
    const known = await factors.passkeysOf(person);
    const ceremony = known.length === 0 ? undefined : await passkeys.beginAuthentication(known);
    const { secret, expiresAt } = await challenges.issue(
      kind,
      { tenant, person: _id },
      { ...content, ...(ceremony !== undefined && { passkey: ceremony.challengeHash }) },
    );
    return {
      challenge: secret,
      expiresAt,
      factors: [
        ...(totp === undefined ? [] : (['code'] as const)),
        ...(known.length === 0 ? [] : (['passkey'] as const)),
        ...(recoveryCodes.length === 0 ? [] : (['recovery-code'] as const)),
      ],
      passkey: ceremony?.options ?? null,
    };
  }

  /** Uses the factor and then the challenge, so that a wrong code leaves the rest of the tries. */
  async function present<Kind extends 'sign-in' | 'step-up'>(
    kind: Kind,
    secret: string,
    factor: PresentedFactor,
    from: string,
  ): Promise<{ readonly person: PersonDocument; readonly content: ChallengeContent[Kind] }> {
    const challenge = await challenges.tryOn(kind, secret);
    const known = challenge?.person;
    const person =
      known === undefined ? undefined : await people.find(challenge?.tenant ?? '', known);
    if (challenge === undefined || person === undefined) {
      // It has 256 bits, so it counts as a bearer token does.
      return throttle.guard({ address: from }, () => Promise.reject(new WrongCredentialsError()));
    }
    const attempt = { address: from, account: accountOfPerson(person) };
    const { content } = challenge;
    await throttle.guard(attempt, async () => {
      if (!('passkey' in factor)) await people.countAttempt(person);
      const isRight = await factors.present(person, factor, content.passkey);
      if (!isRight || !(await challenges.take(challenge))) {
        telemetry.factorRefused(person.tenant, person._id);
        throw new WrongCredentialsError();
      }
    });
    throttle.succeeded(attempt);
    await people.forgetAttempts(person);
    return { person, content };
  }

  /** Whether it is new to this person, who gets a notice then. */
  async function noticeDevice(
    person: PersonDocument,
    client: { readonly device: string; readonly from: string },
  ): Promise<boolean> {
    if (!(await people.isNewDevice(person, client))) return false;
    const values = { at: clock.now(), device: client.device };
    await notices.send(realmOfPerson(person), await people.addressOf(person), 'new-device', values);
    return true;
  }

  async function afterFirst(
    person: PersonDocument,
    device: string,
    provider?: ProviderSubject,
  ): Promise<FactorRequest | NewSession> {
    const enrolment = await enrolmentOf(person);
    if (enrolment === undefined) {
      return requestFactor(person, 'sign-in', {
        device,
        ...(provider !== undefined && { provider }),
      });
    }
    if (provider !== undefined) await bind(person, provider);
    return sessions.open(person, enrolment, device);
  }

  async function bind(person: PersonDocument, provider: ProviderSubject): Promise<void> {
    if (!(await people.bindSubject(person, provider))) throw new WrongCredentialsError();
  }

  async function opened(
    person: PersonDocument,
    { device, from, factorAt }: { device: string; from: string; factorAt?: number },
  ): Promise<NewSession> {
    const isNew = await noticeDevice(person, { device, from });
    const session = await sessions.open(person, 'full', device, factorAt);
    telemetry.signedIn(person.tenant, person._id, isNew);
    return session;
  }

  return {
    afterFirst,
    withoutOurs: opened,
    async withPassword({ tenant, address, password, device, from }) {
      const found = await people.findByAddress(tenant, address);
      const attempt = { address: from, account: accountNamed(found, { tenant, address }) };
      const person = await throttle.guard(attempt, async () => {
        const stored = found === undefined ? undefined : await people.passwordOf(found);
        const matches = await passwords.verify(stored, password);
        if (found !== undefined && matches) return found;
        telemetry.passwordRefused({ tenant, address }, found?._id);
        throw new WrongCredentialsError();
      });
      return afterFirst(person, device);
    },
    async withFactor(secret, factor, from) {
      const { person, content } = await present('sign-in', secret, factor, from);
      const { device, provider } = content;
      if (provider !== undefined) await bind(person, provider);
      // A person who presents a factor has not lost it.
      await challenges.drop(person._id, ['lost-factor']);
      return opened(person, { device, from });
    },
    async beginStepUp(principal) {
      return requestFactor(await accountOf(parts, principal), 'step-up', {});
    },
    async stepUp(principal, secret, factor, from) {
      const { person } = await present('step-up', secret, factor, from);
      if (person._id !== principal.id) throw new WrongCredentialsError();
      await sessions.stepUp(principal.session);
      telemetry.factorUsed(person.tenant, person._id);
    },
  };
}

/** The tenant of an account; `null` for one of the operators' realm. */
export const realmOfPerson = ({ tenant }: PersonDocument): string | null =>
  tenant === operatorRealm ? null : tenant;
