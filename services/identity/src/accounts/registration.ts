import { randomUUID } from 'node:crypto';
import { operatorRealm, type Actor, type Role } from '@mysmtp/contracts';
import type { Domains } from '../domains/domains.ts';
import type { Tenants } from '../tenants/tenants.ts';
import type { Challenge } from '../people/challenges.ts';
import type { PersonDocument } from '../people/model.ts';
import { AddressTakenError, hasFactor, type People } from '../people/people.ts';
import { refusalOf } from '../people/passwords.ts';
import type { NewSession } from '../people/sessions.ts';
import { NotNowError, NotThereError, PasswordRefusedError, type Parts } from './parts.ts';
import { ThrottledError } from './sign-in-throttle.ts';

/** What a new person chooses. */
interface Choice {
  readonly name?: string | undefined;
  readonly password: string;
  readonly device: string;
}

type NewPerson = Omit<Parameters<People['add']>[0], 'password'> & {
  /** Argon2id hash. */
  readonly password: string;
};

/** A session that may only enrol a second factor. */
export interface Registered extends NewSession {
  readonly tenant: string;
  readonly person: string;
}

export interface InvitationView {
  readonly id: string;
  readonly address: string;
  readonly role: Role;
  readonly createdAt: string;
  readonly expiresAt: string;
}

/**
 * How an account begins: by sign-up, with a new tenant, or by invitation to a realm. Each by a link, which
 * works until the person has enrolled a second factor: so a process that stops between two writes, or whose
 * answer is lost, leaves nothing that the person cannot finish. A request has the link for itself, at most
 * for two minutes.
 */
export interface Registration {
  /**
   * Sends the link that shows that the address belongs to the person, but not too often to one address. `from`:
   * IP address of the client. Throws a `ThrottledError` if there were too many sign-ups from its network.
   */
  signUp(address: string, from: string): Promise<void>;
  /** Makes a tenant and the account of its owner. Throws a `NotThereError` for a link that is held or old. */
  finishSignUp(secret: string, choice: Choice & { readonly tenant: string }): Promise<Registered>;
  /**
   * Throws a `NotNowError` if the realm has an owner or an account with this address, and a `ThrottledError`
   * if too many mails to it were asked for, or if the tenant has sent too many invitations.
   */
  invite(
    actor: Actor,
    realm: string,
    invitation: { readonly address: string; readonly role: Role },
  ): Promise<InvitationView>;
  accept(secret: string, choice: Choice): Promise<Registered>;
  listInvitations(realm: string): Promise<InvitationView[]>;
  /** Throws a `NotThereError`. */
  withdraw(actor: Actor, realm: string, id: string): Promise<void>;
}

export function createRegistration(
  parts: Pick<
    Parts,
    | 'people'
    | 'sessions'
    | 'challenges'
    | 'passwords'
    | 'notices'
    | 'throttle'
    | 'owners'
    | 'link'
    | 'clock'
    | 'telemetry'
  > & {
    readonly tenants: Pick<Tenants, 'open' | 'countInvitation'>;
    readonly domains: Pick<Domains, 'list'>;
    /** Has privacy make the keys of a realm. */
    readonly activate: (realm: string) => Promise<void>;
  },
): Registration {
  const { people, sessions, challenges, passwords, notices, throttle, owners, link, telemetry } =
    parts;
  const { tenants, domains, activate } = parts;

  /** The account with this id. One of an attempt that stopped gets the password that is chosen now. */
  async function addPerson(wish: NewPerson): Promise<PersonDocument> {
    const before = await people.find(wish.tenant, wish.id);
    if (before === undefined) {
      const added = await people.add(wish);
      telemetry.personAdded(wish.tenant, wish.id);
      return added;
    }
    if (hasFactor(before)) throw new NotThereError();
    await people.setPassword(before, wish.password, { isNew: true });
    if (wish.name !== undefined) await people.setName(before, wish.name);
    await sessions.endAll(wish.id);
    return before;
  }

  /** Does all steps for a link. Each may have been done before. */
  async function register(
    challenge: Pick<Challenge, 'id' | 'tenant'>,
    { device, ...wish }: NewPerson & { readonly device: string },
    openTenant?: () => Promise<void>,
  ): Promise<Registered> {
    const { id: person, tenant } = wish;
    const makes = { person, ...(openTenant !== undefined && { opens: tenant }) };
    if (!(await challenges.hold(challenge, makes))) throw new NotThereError();
    try {
      await openTenant?.();
      const added = await addPerson(wish);
      await owners.follow({ tenant, id: person });
      const session = await sessions.open(added, 'enrol', device);
      return { ...session, tenant, person };
    } catch (error) {
      await challenges.release(challenge);
      throw error;
    }
  }

  /** The hash of an accepted password. Before the link is used, so that another password can be chosen. */
  async function hashed(password: string, address: string): Promise<string> {
    const refusal = await refusalOf(password, address);
    if (refusal !== undefined) throw new PasswordRefusedError(refusal);
    return passwords.hash(password);
  }

  /**
   * Who invites, in words that the tenant has not chosen: otherwise anybody could send a text of their own in
   * our name to any address. A domain is the tenant's once DNS has the challenge or an operator vouches for it.
   */
  async function inviterOf(realm: string): Promise<string> {
    if (realm === operatorRealm) return 'mySMTP (operators)';
    const own = (await domains.list(realm)).find(({ status }) => status !== 'unverified');
    return own === undefined
      ? 'a customer of mySMTP without a verified domain'
      : `the customer with the domain ${own.name}`;
  }

  async function refuseTooMany(actor: Actor, realm: string): Promise<void> {
    const from = realm === operatorRealm ? undefined : await tenants.countInvitation(realm);
    if (from === undefined) return;
    telemetry.invitationRefused(actor, realm);
    const seconds = Math.ceil((from - parts.clock.now()) / 1_000);
    throw new ThrottledError(Math.max(1, seconds), 'invitations in a day');
  }

  return {
    async signUp(address, from) {
      throttle.countSignUp(from);
      if (throttle.countMail(address) !== undefined) return;
      await activate(operatorRealm);
      const { secret, expiresAt } = await challenges.issue(
        'sign-up',
        { tenant: operatorRealm },
        { address, tenant: randomUUID(), person: randomUUID() },
      );
      await notices.send(null, address, 'email-verification', {
        link: link('sign-up', secret),
        until: expiresAt,
      });
    },
    async finishSignUp(secret, { tenant: name, ...choice }) {
      const challenge = await challenges.find('sign-up', secret);
      if (challenge === undefined) throw new NotThereError();
      const { address, tenant, person: id } = challenge.content;
      const password = await hashed(choice.password, address);
      const wish = { ...choice, id, tenant, address, role: 'owner', password } as const;
      return register(challenge, wish, () =>
        tenants.open({ kind: 'person', id }, { id: tenant, name }),
      );
    },
    async invite(actor, realm, { address, role }) {
      if (role === 'owner' && (await people.hasOwner(realm))) {
        throw new NotNowError('The tenant has an owner, who can transfer the ownership');
      }
      if ((await people.findByAddress(realm, address)) !== undefined) {
        throw new AddressTakenError();
      }
      await refuseTooMany(actor, realm);
      const throttled = throttle.countMail(address);
      if (throttled !== undefined) throw throttled;
      if (realm === operatorRealm) await activate(realm);
      const { id, secret, expiresAt } = await challenges.issue(
        'invitation',
        { tenant: realm },
        { address, role, person: randomUUID(), by: actor.id },
      );
      await notices.send(realm === operatorRealm ? null : realm, address, 'invitation', {
        inviter: await inviterOf(realm),
        role,
        link: link('invitation', secret),
        until: expiresAt,
      });
      telemetry.personInvited(actor, realm, id);
      const [createdAt, until] = [new Date(parts.clock.now()), new Date(expiresAt)];
      return {
        id,
        address,
        role,
        createdAt: createdAt.toISOString(),
        expiresAt: until.toISOString(),
      };
    },
    async accept(secret, choice) {
      const challenge = await challenges.find('invitation', secret);
      if (challenge === undefined) throw new NotThereError();
      const { tenant, content } = challenge;
      const { address, role, person: id } = content;
      const password = await hashed(choice.password, address);
      return register(challenge, { ...choice, id, tenant, address, role, password });
    },
    async listInvitations(realm) {
      const found = await challenges.list('invitation', { tenant: realm });
      return found.map(({ id, content: { address, role }, createdAt, expiresAt }) => ({
        id,
        address,
        role,
        createdAt: new Date(createdAt).toISOString(),
        expiresAt: new Date(expiresAt).toISOString(),
      }));
    },
    async withdraw(actor, realm, id) {
      const found = await challenges.list('invitation', { tenant: realm });
      const isKnown = found.some((invitation) => invitation.id === id);
      if (!isKnown || !(await challenges.take({ id, tenant: realm }))) {
        throw new NotThereError(await challenges.isForeign('invitation', realm, id));
      }
      telemetry.invitationWithdrawn(actor, realm, id);
    },
  };
}
