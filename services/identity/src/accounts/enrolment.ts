import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import type { PersonPrincipal } from '@mysmtp/api';
import type { NewFactor } from '../people/factors.ts';
import type { PersonDocument } from '../people/model.ts';
import type { NewSession } from '../people/sessions.ts';
import type { FactorChange } from '../people/telemetry.ts';
import { newTotp, stepOf, type TotpSetup } from '../people/totp.ts';
import { NotNowError, NotThereError, WrongCredentialsError, type Parts } from './parts.ts';
import { accountOf, realmOfPerson } from './sign-in.ts';

/** What a person gets with a new second factor. */
export interface Enrolled {
  /** The new ones, shown once; `null` if the old ones are still valid. */
  readonly recoveryCodes: readonly string[] | null;
  /** The session that replaces one that could only enrol. */
  readonly session: NewSession | null;
}

/** The second factors of a person with a session. Every change ends in a notice. */
export interface Enrolment {
  beginTotp(principal: PersonPrincipal): Promise<TotpSetup & { readonly challenge: string }>;
  /**
   * The code shows that the app has the secret. `from`: IP address of the client. Throws a
   * `WrongCredentialsError`.
   */
  finishTotp(
    principal: PersonPrincipal,
    challenge: string,
    code: string,
    from: string,
  ): Promise<Enrolled>;
  beginPasskey(principal: PersonPrincipal): Promise<{
    readonly options: PublicKeyCredentialCreationOptionsJSON;
    readonly challenge: string;
  }>;
  finishPasskey(
    principal: PersonPrincipal,
    challenge: string,
    passkey: { readonly response: unknown; readonly label: string },
    from: string,
  ): Promise<Enrolled>;
  /** Throws a `NotNowError` for the last factor. */
  removeTotp(principal: PersonPrincipal): Promise<void>;
  removePasskey(principal: PersonPrincipal, id: string): Promise<void>;
  renewRecoveryCodes(principal: PersonPrincipal): Promise<readonly string[]>;
}

/** An account with so many passkeys could not be opened any more in a reasonable time. */
const mostPasskeys = 20;

export function createEnrolment(parts: Parts): Enrolment {
  const { people, factors, sessions, challenges, passkeys, notices, clock, telemetry } = parts;

  async function noticeChange(
    person: PersonDocument,
    change: string,
    type: FactorChange = 'factor_added',
  ): Promise<void> {
    telemetry.factorChanged(person.tenant, person._id, type);
    const address = await people.addressOf(person);
    await notices.send(realmOfPerson(person), address, 'factor-changed', {
      at: clock.now(),
      change,
    });
  }

  /** The challenge of this person; its secret in the hands of another one is worth nothing. */
  async function begun<Kind extends 'totp' | 'passkey'>(
    kind: Kind,
    secret: string,
    person: PersonDocument,
  ) {
    const challenge = await challenges.tryOn(kind, secret);
    if (challenge?.person !== person._id) throw new WrongCredentialsError();
    return challenge;
  }

  async function add(
    principal: PersonPrincipal,
    person: PersonDocument,
    factor: NewFactor,
    change: string,
    from: string,
  ): Promise<Enrolled> {
    const session = await sessions.find(principal.session);
    if (session === undefined) throw new NotThereError();
    const { kind } = session;
    const recoveryCodes = (await factors.add(person, factor, kind)) ?? null;
    await noticeChange(person, change);
    if (kind === 'full') return { recoveryCodes, session: null };
    // The link by which the account began has done its work.
    await challenges.drop(person._id, ['lost-factor', 'sign-up', 'invitation']);
    await sessions.endAll(person._id);
    const device = await sessions.deviceOf(session);
    await people.isNewDevice(person, { device, from });
    return { recoveryCodes, session: await sessions.open(person, 'full', device) };
  }

  return {
    async beginTotp(principal) {
      const person = await accountOf(parts, principal);
      const setup = await newTotp(await people.addressOf(person));
      const owner = { tenant: person.tenant, person: person._id };
      const { secret: challenge } = await challenges.issue('totp', owner, { secret: setup.secret });
      return { ...setup, challenge };
    },
    async finishTotp(principal, challenge, code, from) {
      const person = await accountOf(parts, principal);
      const begunNow = await begun('totp', challenge, person);
      const { secret } = begunNow.content;
      const step = await stepOf(secret, code, clock.now());
      if (step === undefined || !(await challenges.take(begunNow))) {
        throw new WrongCredentialsError();
      }
      return add(
        principal,
        person,
        { totp: { secret, step } },
        'an authenticator app was added',
        from,
      );
    },
    async beginPasskey(principal) {
      const person = await accountOf(parts, principal);
      if (person.passkeys.length >= mostPasskeys) {
        throw new NotNowError(`An account has at most ${String(mostPasskeys)} passkeys`);
      }
      const { options, challengeHash } = await passkeys.beginRegistration(
        { id: person._id, address: await people.addressOf(person) },
        await factors.passkeysOf(person),
      );
      const owner = { tenant: person.tenant, person: person._id };
      const { secret } = await challenges.issue('passkey', owner, { passkey: challengeHash });
      return { options, challenge: secret };
    },
    async finishPasskey(principal, challenge, { response, label }, from) {
      const person = await accountOf(parts, principal);
      const begunNow = await begun('passkey', challenge, person);
      const passkey = await passkeys.register(response, begunNow.content.passkey);
      if (passkey === undefined || !(await challenges.take(begunNow))) {
        throw new WrongCredentialsError();
      }
      return add(principal, person, { passkey, label }, 'a passkey was added', from);
    },
    async removeTotp(principal) {
      const person = await accountOf(parts, principal);
      if (person.totp === undefined) throw new NotThereError();
      if (!(await factors.removeTotp(person))) throw lastFactor();
      await noticeChange(person, 'the authenticator app was removed', 'factor_removed');
    },
    async removePasskey(principal, id) {
      const person = await accountOf(parts, principal);
      if (!person.passkeys.some((passkey) => passkey.id === id)) {
        throw new NotThereError(await factors.isForeign(person, id));
      }
      if (!(await factors.removePasskey(person, id))) throw lastFactor();
      await noticeChange(person, 'a passkey was removed', 'factor_removed');
    },
    async renewRecoveryCodes(principal) {
      const person = await accountOf(parts, principal);
      const codes = await factors.renewRecoveryCodes(person);
      await noticeChange(person, 'the recovery codes were replaced');
      return codes;
    },
  };
}

const lastFactor = () => new NotNowError('The last second factor cannot be removed');
