import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { TenantUnavailable, type Actor, type Signing } from '@mysmtp/contracts';
import { domainIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { claim, type Claim } from '../claims/claim.ts';
import type { Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Events } from '../events.ts';
import type { Facts } from '../facts/facts.ts';
import type { DomainDocument } from './model.ts';

export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly signing: Signing;
}

export interface Domains {
  /** Keeps a name free for a tenant; `name` is in A-label form. Throws a `TakenError`. */
  claim(tenant: string, name: string): Promise<{ readonly id: string; readonly claim: Claim }>;
  /** Claims a name and puts it in force. */
  add(actor: Actor, tenant: string, name: string): Promise<Domain>;
  list(tenant: string): Promise<Domain[]>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  /** `undefined` where there is no such domain. */
  setSigning(actor: Actor, id: string, signing: Signing): Promise<Domain | undefined>;
  remove(actor: Actor, id: string): Promise<boolean>;
}

/** We sign unless the customer says that it does so itself. */
const signingAtFirst: Signing = 'ours';

const place = (id: string) => `domains:${id}:name` as const;

export function createDomains(options: {
  readonly entity: Entity<DomainDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'refuseFenced' | 'onFence'>;
  readonly facts: Facts;
  readonly clock: { now(): number };
  readonly events: Events;
}): Domains {
  const { entity, reader, writer, access, facts, clock, events } = options;
  const nameOf = (document: DomainDocument) =>
    facts.open(document.tenant, place(document._id), document.name);

  /**
   * Names by id as this process can compare them, under a key that is nowhere else: opening every
   * domain for each new one would ask for the keys of every tenant.
   */
  const digests = new Map<string, { readonly tenant: string; readonly digest: string }>();
  access.onFence(({ tenant }) => {
    for (const [id, known] of digests) if (known.tenant === tenant) digests.delete(id);
  });
  const digestKey = randomBytes(32);
  const digest = (name: string) => createHmac('sha256', digestKey).update(name).digest('base64');

  /** A fenced tenant has no domains any more, only documents that are about to go. */
  async function digestOf(document: DomainDocument): Promise<string | undefined> {
    const { _id: id, tenant } = document;
    const known = digests.get(id);
    if (known !== undefined) return known.digest;
    try {
      const made = digest(await nameOf(document));
      // A fence may have fallen meanwhile, and what is kept now would not be forgotten any more.
      access.refuseFenced(tenant);
      digests.set(id, { tenant, digest: made });
      return made;
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) return undefined;
      throw error;
    }
  }

  async function claimName(tenant: string, name: string) {
    const id: string = randomUUID();
    const wanted = digest(name);
    const seen = new Set([id]);
    const claimed = await claim({
      writer,
      entity,
      fields: {
        _id: id,
        tenant,
        name: await facts.seal(tenant, place(id), name),
        nameIndex: domainIndex(await facts.indexKey(tenant), name),
        signing: signingAtFirst,
        createdAt: clock.now(),
      },
      rivals: {},
      taken: 'This domain is taken',
      async clashes(rival) {
        seen.add(rival._id);
        return (await digestOf(rival)) === wanted;
      },
    });
    for (const known of digests.keys()) if (!seen.has(known)) digests.delete(known);
    return { id, claim: claimed };
  }

  async function show(document: DomainDocument): Promise<Domain> {
    const { _id: id, signing } = document;
    return { id, name: await nameOf(document), signing };
  }

  return {
    claim: claimName,
    async add(actor, tenant, name) {
      const { id, claim } = await claimName(tenant, name);
      await claim.confirm();
      events.domainAdded(actor, tenant, id);
      return { id, name, signing: signingAtFirst };
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    find: (id) => reader.find(entity, id),
    async setSigning(actor, id, signing) {
      if (!(await writer.change(entity, id, { signing }))) return undefined;
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      events.domainChanged(actor, document.tenant, id);
      return show(document);
    },
    async remove(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.bury(entity, id))) return false;
      events.domainRemoved(actor, document.tenant, id);
      return true;
    },
  };
}
