import { randomUUID } from 'node:crypto';
import type { Actor } from '@mysmtp/contracts';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants as TenantAccess } from '@mysmtp/tenancy';
import type { Credentials } from '../credentials/credentials.ts';
import type { Domains } from '../domains/domains.ts';
import { living, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Events } from '../events.ts';
import type { Facts } from '../facts/facts.ts';
import type { Tokens } from '../tokens/tokens.ts';
import type { TenantDocument } from './model.ts';

/** Privacy says that this tenant is fenced or erased: no key is made for it. */
export class TenantGoneError extends Error {
  constructor() {
    super('This tenant is gone');
    this.name = 'TenantGoneError';
  }
}

export interface NewTenant {
  readonly name: string;
  /** In A-label form. */
  readonly domain: string;
  /** E-mail address of the first owner. */
  readonly owner?: string | undefined;
  /** From where its clients may submit without AUTH, CIDR. */
  readonly network?: string | undefined;
}

/** A customer with all that it needs to send: the secrets are shown here and never again. */
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
  readonly status: 'active' | 'suspended';
  readonly createdAt: string;
}

export interface Tenants {
  /** Throws a `TakenError` where another tenant has the domain, or a network that overlaps. */
  register(actor: Actor, tenant: NewTenant): Promise<Registration>;
  /** Makes the record of a tenant that nobody registered and nobody uses: for an erasure to find. */
  plant(actor: Actor, id: string): Promise<void>;
  find(id: string): Promise<Tenant | undefined>;
  exists(id: string): Promise<boolean>;
  /** The tenant there is, where there is exactly one. */
  only(): Promise<string | undefined>;
}

export function createTenants(options: {
  readonly entity: Entity<TenantDocument>;
  readonly domains: Domains;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<TenantAccess, 'run' | 'fencedBy'>;
  readonly facts: Facts;
  readonly clock: { now(): number };
  readonly events: Events;
  /** Has privacy make the tenant's keys. */
  readonly activate: (tenant: string) => Promise<void>;
}): Tenants {
  const { entity, domains, credentials, tokens, reader, writer, access, facts, clock, events } =
    options;

  async function ownerFields(tenant: string, owner: string | undefined) {
    if (owner === undefined) return undefined;
    return {
      owner: await facts.seal(tenant, `tenants:${tenant}:owner`, owner),
      ownerIndex: addressIndex(await facts.indexKey(tenant), owner),
    };
  }

  async function insert(
    id: string,
    { name, owner }: Pick<NewTenant, 'name' | 'owner'>,
  ): Promise<void> {
    await writer.insert(entity, {
      _id: id,
      status: 'active',
      name: await facts.seal(id, `tenants:${id}:name`, name),
      ...(await ownerFields(id, owner)),
      createdAt: clock.now(),
    });
  }

  return {
    /**
     * The key comes first, for everything else is sealed with it; the domain comes into force last,
     * so that a registration that breaks off leaves it free for the next try. A claim in force is not withdrawn.
     */
    async register(actor, wanted) {
      const id = randomUUID();
      await access.run(id, 'write', () => options.activate(id));
      await using claims = new AsyncDisposableStack();
      const domain = await domains.claim(id, wanted.domain);
      claims.defer(domain.claim.withdraw);
      const network =
        wanted.network === undefined
          ? undefined
          : await credentials.claimNetwork(id, wanted.network);
      if (network !== undefined) claims.defer(network.claim.withdraw);

      await insert(id, wanted);
      const { token } = await tokens.create(actor, { role: 'owner', tenant: id });
      const credential = await credentials.createPassword(actor, id);
      if (network !== undefined) {
        await network.claim.confirm();
        events.credentialCreated(actor, id, network.id);
      }
      await domain.claim.confirm();
      events.domainAdded(actor, id, domain.id);
      events.tenantRegistered(actor, id);
      const tenant = { id, name: wanted.name, domain: wanted.domain };
      return { tenant, ownerToken: token, credential };
    },
    async plant(actor, id) {
      await access.run(id, 'write', () => options.activate(id));
      await insert(id, { name: 'Planted for an erasure' });
      events.tenantRegistered(actor, id);
    },
    async find(id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      const { name, owner, status, createdAt } = document;
      return {
        id,
        name: await facts.open(id, `tenants:${id}:name`, name),
        owner: owner === undefined ? null : await facts.open(id, `tenants:${id}:owner`, owner),
        status,
        createdAt: new Date(createdAt).toISOString(),
      };
    },
    async exists(id) {
      return (await reader.find(entity, id)) !== undefined;
    },
    async only() {
      let only: string | undefined;
      for await (const { _id: id } of entity.collection.find(living)) {
        if (access.fencedBy(id) !== undefined) continue;
        if (only !== undefined) return undefined;
        only = id;
      }
      return only;
    },
  };
}
