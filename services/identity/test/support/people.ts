import { randomUUID } from 'node:crypto';
import type { PersonPrincipal } from '@mysmtp/api';
import { hashToken } from '@mysmtp/http';
import { generateSync } from 'otplib';
import { expect } from 'vitest';
import type { FactorRequest } from '../../src/accounts/sign-in.ts';
import type { NewSession } from '../../src/people/sessions.ts';
import type { Stores } from '../../src/stores.ts';
import type { World } from './world.ts';

/** A clock that a test moves. A TOTP code is used once, so a test moves it by a step for the next one. */
export interface MovedClock {
  ahead: number;
  now(): number;
}

export const movedClock = (): MovedClock => {
  const clock = { ahead: 0, now: () => Date.now() + clock.ahead };
  return clock;
};

export const password = 'tandem with eleven gears';
export const device = 'Firefox on Linux';
/** IP address of a client that has not failed yet. */
export const newClient = (): string => {
  clients += 1;
  return `198.51.${String(clients >> 8)}.${String(clients & 255)}`;
};
let clients = 0;

/** A person with an authenticator app, who reads the mail. */
export interface TestPerson {
  readonly tenant: string;
  readonly id: string;
  readonly address: string;
  /** IP address of the client. */
  readonly from: string;
  readonly secret: string;
  /** The code that enrolled the app. */
  readonly enrolledWith: string;
  readonly recoveryCodes: readonly string[];
  readonly session: NewSession;
}

export interface Helpers {
  /** The secret in the link of the newest mail to this address. */
  secretFor(address: string): Promise<string>;
  /** The subjects of all mails to this address, the oldest first. */
  mailTo(address: string): Promise<string[]>;
  /** Signs up: a tenant with its owner. */
  signUp(address?: string): Promise<TestPerson>;
  /** A person with this role in a tenant. */
  invited(tenant: string, role: 'admin' | 'developer' | 'reader'): Promise<TestPerson>;
  principalOf(session: NewSession): Promise<PersonPrincipal>;
  /** The code of the next time step. */
  nextCode(person: Pick<TestPerson, 'secret'>): string;
  /** Password only. */
  begin(
    person: Pick<TestPerson, 'tenant' | 'address' | 'from'>,
    text?: string,
  ): Promise<FactorRequest>;
  /** Password and code. */
  signIn(person: TestPerson, text?: string): Promise<NewSession>;
}

export function helpersFor(world: World, stores: Stores, clock: MovedClock): Helpers {
  const { registration, signIn, enrolment, sessions } = stores.accounts;

  async function lettersTo(address: string) {
    await stores.notices.submitDue();
    return world.ingress.submitted.filter(({ to }) => to === address);
  }

  async function secretFor(address: string): Promise<string> {
    const text = (await lettersTo(address)).at(-1)?.text ?? '';
    return /#([\w-]{43})$/m.exec(text)?.[1] ?? '';
  }

  async function principalOf({ token }: NewSession): Promise<PersonPrincipal> {
    const principal = await sessions.lookUp(hashToken(token));
    if (principal === undefined) throw new Error('The session has ended');
    return principal;
  }

  function nextCode({ secret }: Pick<TestPerson, 'secret'>): string {
    clock.ahead += 30_000;
    return generateSync({ secret, epoch: Math.floor(clock.now() / 1_000) });
  }

  async function enrolled(
    address: string,
    registered: NewSession & { readonly tenant: string; readonly person: string },
  ): Promise<TestPerson> {
    const from = newClient();
    const principal = await principalOf(registered);
    const { secret, challenge } = await enrolment.beginTotp(principal);
    const enrolledWith = nextCode({ secret });
    const made = await enrolment.finishTotp(principal, challenge, enrolledWith, from);
    if (made.session === null) throw new Error('There is no session');
    const { tenant, person: id } = registered;
    const { recoveryCodes, session } = made;
    return {
      tenant,
      id,
      address,
      from: newClient(),
      secret,
      enrolledWith,
      recoveryCodes: recoveryCodes ?? [],
      session,
    };
  }

  async function begin(
    { tenant, address, from }: Pick<TestPerson, 'tenant' | 'address' | 'from'>,
    text = password,
  ): Promise<FactorRequest> {
    const request = await signIn.withPassword({ tenant, address, password: text, device, from });
    if ('token' in request) throw new Error('There is no second factor');
    return request;
  }

  return {
    secretFor,
    mailTo: async (address) => (await lettersTo(address)).map(({ subject }) => subject),
    async signUp(address = `${randomUUID()}@example.org`) {
      await registration.signUp(address, newClient());
      const choice = { tenant: 'Customer', password, device };
      return enrolled(address, await registration.finishSignUp(await secretFor(address), choice));
    },
    async invited(tenant, role) {
      const address = `${randomUUID()}@example.org`;
      const actor = { kind: 'command', id: 'test' } as const;
      await registration.invite(actor, tenant, { address, role });
      const choice = { password, device };
      return enrolled(address, await registration.accept(await secretFor(address), choice));
    },
    principalOf,
    nextCode,
    begin,
    async signIn(person, text) {
      const { challenge, factors } = await begin(person, text);
      expect(factors).toContain('code');
      return signIn.withFactor(challenge, { code: nextCode(person) }, person.from);
    },
  };
}
