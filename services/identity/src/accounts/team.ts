import { permissionsOf } from '@mysmtp/api';
import type { Actor, Role } from '@mysmtp/contracts';
import type { PersonView } from '../people/people.ts';
import { NotNowError, NotThereError, WrongCredentialsError, type Parts } from './parts.ts';
import { realmOfPerson } from './sign-in.ts';

/** A request of a person who has lost the second factor. */
export interface LostFactorView {
  readonly id: string;
  readonly person: string;
  readonly requestedAt: string;
  /** When the factor may be replaced; `null` until a human approves it. */
  readonly replaceableAt: string | null;
}

/** The people of a realm, for those who manage it. */
export interface Team {
  list(realm: string): Promise<PersonView[]>;
  /** Throws a `NotThereError`, or a `NotNowError` for the owner. */
  setRole(actor: Actor, realm: string, id: string, role: Role): Promise<PersonView>;
  /** Deletes an account with its sessions. Throws as `setRole` does. */
  remove(actor: Actor, realm: string, id: string): Promise<void>;
  /** Makes another person the owner of a tenant. */
  transfer(actor: Actor, realm: string, from: string, to: string): Promise<void>;
  /**
   * Asks a human to let a person replace a lost second factor. The secret of a sign-in shows that the
   * password is known. Throws a `WrongCredentialsError`.
   */
  requestLostFactor(challenge: string): Promise<void>;
  listLostFactors(realm: string): Promise<LostFactorView[]>;
  /** Starts the waiting time. A person cannot approve the own request. Throws a `NotThereError`. */
  approveLostFactor(actor: Actor, realm: string, id: string): Promise<LostFactorView>;
  /** By the link in the notices, or by a human of the realm. */
  cancelLostFactor(secret: string): Promise<void>;
  refuseLostFactor(actor: Actor, realm: string, id: string): Promise<void>;
}

const viewOf = (
  { id, person = '', createdAt }: { id: string; person: string | undefined; createdAt: number },
  dueAt: number | undefined,
): LostFactorView => ({
  id,
  person,
  requestedAt: new Date(createdAt).toISOString(),
  replaceableAt: dueAt === undefined ? null : new Date(dueAt).toISOString(),
});

export function createTeam(parts: Parts): Team {
  const { people, challenges, notices, owners, departures, link, telemetry } = parts;

  async function find(realm: string, id: string) {
    const person = await people.find(realm, id);
    if (person === undefined) throw new NotThereError(await people.isForeign(realm, id));
    return person;
  }

  async function lostFactor(realm: string, id: string) {
    const found = await challenges.list('lost-factor', { tenant: realm });
    const request = found.find((one) => one.id === id);
    if (request?.person === undefined) {
      throw new NotThereError(await challenges.isForeign('lost-factor', realm, id));
    }
    return { request, person: await find(realm, request.person) };
  }

  return {
    list: async (realm) => Promise.all((await people.list(realm)).map(people.view)),
    async setRole(actor, realm, id, role) {
      const before = await find(realm, id);
      if (!(await people.setRole(realm, id, role))) throw ownerStays();
      const raised = isMore(role, before.role);
      await departures.roleChanged(actor, realm, id, role);
      telemetry.personChanged(actor, realm, id, 'role', { raised });
      return people.view(await find(realm, id));
    },
    async remove(actor, realm, id) {
      await find(realm, id);
      if (!(await people.remove(realm, id))) throw ownerStays();
      await departures.left(actor, realm, id);
      telemetry.personRemoved(actor, realm, id);
    },
    async transfer(actor, realm, from, to) {
      await find(realm, to);
      if (!(await people.transfer(realm, from, to))) {
        throw new NotNowError('This person is the owner');
      }
      await owners.follow({ tenant: realm, id: to });
      await departures.roleChanged(actor, realm, from, 'admin');
      telemetry.personChanged(actor, realm, to, 'owner');
    },
    async requestLostFactor(secret) {
      const challenge = await challenges.find('sign-in', secret);
      if (challenge?.person === undefined || !(await challenges.take(challenge))) {
        throw new WrongCredentialsError();
      }
      const person = await find(challenge.tenant, challenge.person);
      const { tenant, _id } = person;
      await challenges.drop(_id, ['lost-factor']);
      const owner = { tenant, person: _id };
      const { id, secret: cancel, expiresAt } = await challenges.issue('lost-factor', owner, {});
      telemetry.lostFactorRequested(tenant, _id, id);
      await notices.send(realmOfPerson(person), await people.addressOf(person), 'factor-lost', {
        request: id,
        link: link('lost-factor', cancel),
        until: expiresAt,
      });
    },
    async listLostFactors(realm) {
      const found = await challenges.list('lost-factor', { tenant: realm });
      return found.map((request) => viewOf(request, request.dueAt));
    },
    async approveLostFactor(actor, realm, id) {
      const { request, person } = await lostFactor(realm, id);
      if (person._id === actor.id) throw new NotNowError('Another person must approve it');
      const dueAt = await challenges.approve(request);
      if (dueAt === undefined) throw new NotNowError('It is approved already');
      telemetry.lostFactorApproved(actor, realm, id);
      const address = await people.addressOf(person);
      await notices.send(realmOfPerson(person), address, 'factor-replaceable', { at: dueAt });
      return viewOf(request, dueAt);
    },
    async cancelLostFactor(secret) {
      const request = await challenges.find('lost-factor', secret);
      if (request === undefined || !(await challenges.take(request))) throw new NotThereError();
      telemetry.lostFactorEnded(undefined, request.tenant, request.id);
    },
    async refuseLostFactor(actor, realm, id) {
      const { request } = await lostFactor(realm, id);
      if (!(await challenges.take(request))) throw new NotThereError();
      telemetry.lostFactorEnded(actor, realm, id);
    },
  };
}

/** Whether this role may do something that the other may not. */
const isMore = (role: Role, than: Role): boolean =>
  [...permissionsOf(role)].some((permission) => !permissionsOf(than).has(permission));

const ownerStays = () => new NotNowError('The owner must transfer the ownership before');
