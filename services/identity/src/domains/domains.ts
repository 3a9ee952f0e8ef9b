import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { TenantUnavailable, type Actor, type Signing } from '@mysmtp/contracts';
import { domainIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { reserve, type Reservation } from '../reservations/reserve.ts';
import type { Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { DomainDocument } from './model.ts';

export interface Domain {
  readonly id: string;
  readonly name: string;
  readonly signing: Signing;
}

export interface Domains {
  /** Keeps a name free for a tenant; `name` is in A-label form. Throws a `TakenError`. */
  reserveName(
    tenant: string,
    name: string,
  ): Promise<{ readonly id: string; readonly reservation: Reservation }>;
  /** Reserves a name and activates it. */
  add(actor: Actor, tenant: string, name: string): Promise<Domain>;
  list(tenant: string): Promise<Domain[]>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  /** `undefined` if there is no such domain. */
  setSigning(actor: Actor, id: string, signing: Signing): Promise<Domain | undefined>;
  remove(actor: Actor, id: string): Promise<boolean>;
}

/** mySMTP signs unless the customer turns that off. */
const signingAtFirst: Signing = 'ours';

const fieldPath = (id: string) => `domains:${id}:name` as const;

export function createDomains(deps: {
  readonly entity: Entity<DomainDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'refuseFenced' | 'onFence'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Domains {
  const { entity, reader, writer, access, fields, clock, telemetry } = deps;
  const nameOf = (document: DomainDocument) =>
    fields.open(document.tenant, fieldPath(document._id), document.name);

  /**
   * HMACs of names by id, under a key of this process alone. They make names comparable. Without them
   * each new domain would need the keys of every tenant to open all other names.
   */
  const digests = new Map<string, { readonly tenant: string; readonly digest: string }>();
  access.onFence(({ tenant }) => {
    for (const [id, known] of digests) if (known.tenant === tenant) digests.delete(id);
  });
  const digestKey = randomBytes(32);
  const digest = (name: string) => createHmac('sha256', digestKey).update(name).digest('base64');

  /** A fenced tenant has no domains any more, only documents that will be deleted. */
  async function digestOf(document: DomainDocument): Promise<string | undefined> {
    const { _id: id, tenant } = document;
    const known = digests.get(id);
    if (known !== undefined) return known.digest;
    try {
      const made = digest(await nameOf(document));
      // If the tenant was fenced meanwhile, an entry added now would never be removed.
      access.refuseFenced(tenant);
      digests.set(id, { tenant, digest: made });
      return made;
    } catch (error) {
      if (error instanceof TenantUnavailable && !error.passes) return undefined;
      throw error;
    }
  }

  async function reserveName(tenant: string, name: string) {
    const id: string = randomUUID();
    const wanted = digest(name);
    const seen = new Set([id]);
    const reservation = await reserve({
      writer,
      entity,
      fields: {
        _id: id,
        tenant,
        name: await fields.seal(tenant, fieldPath(id), name),
        nameIndex: domainIndex(await fields.indexKey(tenant), name),
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
    return { id, reservation };
  }

  async function show(document: DomainDocument): Promise<Domain> {
    const { _id: id, signing } = document;
    return { id, name: await nameOf(document), signing };
  }

  return {
    reserveName,
    async add(actor, tenant, name) {
      const { id, reservation } = await reserveName(tenant, name);
      await reservation.confirm();
      telemetry.domainAdded(actor, tenant, id);
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
      telemetry.domainChanged(actor, document.tenant, id);
      return show(document);
    },
    async remove(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      telemetry.domainRemoved(actor, document.tenant, id);
      return true;
    },
  };
}
