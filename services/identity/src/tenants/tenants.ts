import { randomUUID } from 'node:crypto';
import {
  day,
  defaultPlan,
  type Actor,
  type LimitName,
  type Limits,
  type PlanName,
  type TenantStatus,
} from '@mysmtp/contracts';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants as TenantAccess } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { Credentials } from '../credentials/credentials.ts';
import type { Domains, Vouch } from '../domains/domains.ts';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { limitsOfTenant, type TenantDocument } from './model.ts';

/** Privacy answers that this tenant is fenced or erased: no key is made for it. */
export class TenantErasedError extends Error {
  constructor() {
    super('This tenant is erased');
    this.name = 'TenantErasedError';
  }
}

export interface NewTenant {
  readonly name: string;
  /** In A-label form. */
  readonly domain: string;
  /** Without it, the tenant may send from the domain when a check has found its challenge in DNS. */
  readonly vouch?: Vouch | undefined;
  /** E-mail address of the first owner. */
  readonly owner?: string | undefined;
  /** The network (CIDR) from which its clients may submit without AUTH. */
  readonly network?: string | undefined;
  readonly plan?: PlanName | undefined;
}

/** A change of what a tenant may use. A limit that is `null` becomes that of the plan again. */
export interface PlanChange {
  readonly plan?: PlanName | undefined;
  readonly limits?: { readonly [Name in LimitName]?: number | null | undefined } | undefined;
}

/** A customer with everything it needs to send. The secrets are not shown again. */
export interface Registration {
  readonly tenant: { readonly id: string; readonly name: string; readonly domain: string };
  readonly ownerToken: string;
  readonly credential: {
    readonly id: string;
    readonly username: string;
    readonly password: string;
  };
}

export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  readonly status: TenantStatus;
  readonly plan: PlanName;
  /** All limits that are in force. */
  readonly limits: Limits;
  readonly createdAt: string;
}

/**
 * How many people a tenant may invite in a day. An invitation is a mail in our name to an address that the
 * tenant has chosen, and a tenant costs nothing. A team of twenty joins in a day.
 */
const mostInvitations = 20;

export interface Tenants {
  /**
   * Throws a `TakenError` if another tenant has an overlapping network, or if the operator vouches for the
   * domain and another tenant may send from it.
   */
  register(actor: Actor, tenant: NewTenant): Promise<Registration>;
  /** Registers a customer who has no domain yet, and whose owner has an account. Again: corrects its name. */
  open(actor: Actor, tenant: Pick<NewTenant, 'name'> & { readonly id: string }): Promise<void>;
  /**
   * Writes the address of the owner, and publishes the change as every other one. `addressNow` reads it: it is
   * read again if somebody else has changed the tenant meanwhile, so an older address never replaces a newer
   * one. `undefined`: there is nothing to write.
   */
  setOwner(actor: Actor, id: string, addressNow: () => Promise<string | undefined>): Promise<void>;
  /** Creates the record of a substitute tenant that has no user, as the canary of an erasure. */
  plant(actor: Actor, id: string): Promise<void>;
  find(id: string): Promise<Tenant | undefined>;
  exists(id: string): Promise<boolean>;
  /** Its status and limits, without its names. */
  account(
    id: string,
  ): Promise<{ readonly status: TenantStatus; readonly limits: Limits } | undefined>;
  /** Counts an invitation. `undefined`: it may be sent; otherwise the time (ms) from which one may. */
  countInvitation(id: string): Promise<number | undefined>;
  /** False if there is no such tenant. */
  changePlan(actor: Actor, id: string, change: PlanChange): Promise<boolean>;
  /** The tenant, if there is exactly one. */
  only(): Promise<string | undefined>;
}

export function createTenants(deps: {
  readonly entity: Entity<TenantDocument>;
  readonly domains: Domains;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<TenantAccess, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
  /** Has privacy make the tenant's keys. */
  readonly activate: (tenant: string) => Promise<void>;
}): Tenants {
  const { entity, domains, credentials, tokens, reader, writer, access, fields, clock, telemetry } =
    deps;

  async function ownerFields(tenant: string, owner: string | undefined) {
    if (owner === undefined) return undefined;
    return {
      owner: await fields.seal(tenant, `tenants:${tenant}:owner`, owner),
      ownerIndex: addressIndex(await fields.indexKey(tenant), owner),
    };
  }

  async function insert(
    id: string,
    { name, owner, plan }: Pick<NewTenant, 'name' | 'owner' | 'plan'>,
  ): Promise<void> {
    await writer.insert(entity, {
      _id: id,
      status: 'active',
      ...(plan !== undefined && { plan }),
      name: await fields.seal(id, `tenants:${id}:name`, name),
      ...(await ownerFields(id, owner)),
      createdAt: clock.now(),
    });
  }

  return {
    /**
     * The key is made first, because everything else is sealed with it. The domain is activated last, so
     * that an interrupted registration leaves it free for the next attempt. An active reservation is not
     * withdrawn.
     */
    async register(actor, wanted) {
      const id = randomUUID();
      await access.run(id, 'write', () => deps.activate(id));
      await using reservations = new AsyncDisposableStack();
      const { domain, reservation } = await domains.reserveName(
        actor,
        id,
        wanted.domain,
        wanted.vouch,
      );
      reservations.defer(reservation.withdraw);
      const network =
        wanted.network === undefined
          ? undefined
          : await credentials.reserveNetwork(actor, id, wanted.network);
      if (network !== undefined) reservations.defer(network.reservation.withdraw);

      await insert(id, wanted);
      const { token } = await tokens.create(actor, { role: 'owner', tenant: id, isGiven: true });
      const credential = await credentials.createPassword(actor, id);
      if (network !== undefined) {
        await network.reservation.confirm();
        telemetry.credentialCreated(actor, id, network.id);
      }
      await reservation.confirm();
      telemetry.domainAdded(actor, id, domain.id, domain.status);
      telemetry.tenantRegistered(actor, id);
      const tenant = { id, name: wanted.name, domain: wanted.domain };
      return { tenant, ownerToken: token, credential };
    },
    async open(actor, { id, name }) {
      await access.run(id, 'write', () => deps.activate(id));
      if ((await reader.find(entity, id)) !== undefined) {
        const sealed = await fields.seal(id, `tenants:${id}:name`, name);
        await writer.change(entity, id, { name: sealed });
        return;
      }
      await insert(id, { name });
      telemetry.tenantRegistered(actor, id);
    },
    async setOwner(actor, id, addressNow) {
      for (;;) {
        const before = await reader.find(entity, id);
        const address = await addressNow();
        if (before === undefined || address === undefined) return;
        const owner = await ownerFields(id, address);
        if (before.ownerIndex === owner?.ownerIndex) return;
        const unchanged = { $and: [{ version: before.version }] };
        if (await writer.change(entity, id, { ...owner }, unchanged)) {
          return telemetry.tenantChanged(actor, id);
        }
      }
    },
    async plant(actor, id) {
      await access.run(id, 'write', () => deps.activate(id));
      await insert(id, { name: 'Planted for an erasure' });
      telemetry.tenantRegistered(actor, id);
    },
    async find(id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      const { name, owner, status, plan = defaultPlan, createdAt } = document;
      return {
        id,
        name: await fields.open(id, `tenants:${id}:name`, name),
        owner: owner === undefined ? null : await fields.open(id, `tenants:${id}:owner`, owner),
        status,
        plan,
        limits: limitsOfTenant(document),
        createdAt: new Date(createdAt).toISOString(),
      };
    },
    async exists(id) {
      return (await reader.find(entity, id)) !== undefined;
    },
    async account(id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      return { status: document.status, limits: limitsOfTenant(document) };
    },
    async countInvitation(id) {
      const now = clock.now();
      const update = (which: object, how: mongo.UpdateFilter<TenantDocument>) =>
        access.run(id, 'write', () =>
          entity.collection.updateOne({ _id: id, ...isActive, ...which }, how),
        );
      const isOver = [
        { invitations: { $exists: false } },
        { 'invitations.since': { $lte: now - day } },
      ];
      await update({ $or: isOver }, { $set: { invitations: { count: 0, since: now } } });
      const hasRoom = { 'invitations.count': { $lt: mostInvitations } };
      const { matchedCount } = await update(hasRoom, { $inc: { 'invitations.count': 1 } });
      if (matchedCount === 1) return undefined;
      const { invitations } = (await reader.find(entity, id)) ?? {};
      return (invitations?.since ?? now) + day;
    },
    async changePlan(actor, id, { plan, limits = {} }) {
      const document = await reader.find(entity, id);
      if (document === undefined) return false;
      const kept = (document.limits ?? []).filter(({ name }) => limits[name] === undefined);
      const added = Object.entries(limits).flatMap(([name, value]) =>
        typeof value === 'number' ? { name: name as LimitName, value } : [],
      );
      const own = [...kept, ...added];
      const changes = { ...(plan !== undefined && { plan }), limits: own };
      if (!(await writer.change(entity, id, changes))) return false;
      telemetry.tenantChanged(actor, id);
      return true;
    },
    async only() {
      let only: string | undefined;
      for await (const { _id: id } of entity.collection.find(isActive)) {
        if (access.fencedBy(id) !== undefined) continue;
        if (only !== undefined) return undefined;
        only = id;
      }
      return only;
    },
  };
}
