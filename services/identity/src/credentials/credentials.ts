import { randomUUID } from 'node:crypto';
import { overlap } from '@mysmtp/api';
import { TenantUnavailable, type Actor } from '@mysmtp/contracts';
import { claim, type Claim } from '../claims/claim.ts';
import type { Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Events } from '../events.ts';
import type { Facts } from '../facts/facts.ts';
import type { CredentialDocument } from './model.ts';
import { hashPassword, newPassword, newUsername } from './secret.ts';

/** What a list may show: never a secret. */
export interface Credential {
  readonly id: string;
  readonly type: 'password' | 'network';
  readonly label: string | null;
  readonly username?: string;
  readonly network?: string;
  readonly createdAt: string;
}

export interface Credentials {
  /** The only moment at which anybody sees the password. */
  createPassword(
    actor: Actor,
    tenant: string,
    label?: string,
  ): Promise<{ readonly id: string; readonly username: string; readonly password: string }>;
  /** Keeps a network free for a tenant. Throws a `TakenError` where one of another tenant overlaps. */
  claimNetwork(
    tenant: string,
    cidr: string,
    label?: string,
  ): Promise<{ readonly id: string; readonly claim: Claim }>;
  /** Claims a network and puts it in force. */
  createNetwork(
    actor: Actor,
    tenant: string,
    cidr: string,
    label?: string,
  ): Promise<{ readonly id: string }>;
  list(tenant: string): Promise<Credential[]>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
}

const place = (id: string, field: 'label' | 'cidr') => `credentials:${id}:${field}` as const;

export function createCredentials(options: {
  readonly entity: Entity<CredentialDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly facts: Facts;
  readonly clock: { now(): number };
  readonly events: Events;
}): Credentials {
  const { entity, reader, writer, facts, clock, events } = options;

  async function common(tenant: string, label: string | undefined) {
    const _id: string = randomUUID();
    const sealed =
      label === undefined
        ? undefined
        : { label: await facts.seal(tenant, place(_id, 'label'), label) };
    return { _id, tenant, ...sealed, createdAt: clock.now() };
  }

  async function show(document: CredentialDocument): Promise<Credential> {
    const { _id: id, tenant, kind: type, label } = document;
    return {
      id,
      type,
      label: label === undefined ? null : await facts.open(tenant, place(id, 'label'), label),
      ...(document.kind === 'password'
        ? { username: document.username }
        : { network: await facts.open(tenant, place(id, 'cidr'), document.cidr) }),
      createdAt: new Date(document.createdAt).toISOString(),
    };
  }

  async function overlaps(rival: CredentialDocument, cidr: string): Promise<boolean> {
    if (rival.kind !== 'network') return false;
    try {
      return overlap(cidr, await facts.open(rival.tenant, place(rival._id, 'cidr'), rival.cidr));
    } catch (error) {
      // A fenced tenant has no networks any more, only documents that are about to go.
      if (error instanceof TenantUnavailable && !error.passes) return false;
      throw error;
    }
  }

  async function claimNetwork(tenant: string, cidr: string, label?: string) {
    const fields = await common(tenant, label);
    const id = fields._id;
    const claimed = await claim({
      writer,
      entity,
      fields: {
        ...fields,
        kind: 'network',
        cidr: await facts.seal(tenant, place(id, 'cidr'), cidr),
      },
      // Within a tenant networks may overlap: whoever connects is the same customer either way.
      rivals: { kind: 'network', tenant: { $ne: tenant } },
      clashes: (rival) => overlaps(rival, cidr),
      taken: 'This network overlaps with one of another tenant',
    });
    return { id, claim: claimed };
  }

  return {
    async createPassword(actor, tenant, label) {
      const username = newUsername();
      const password = newPassword();
      const fields = await common(tenant, label);
      const secretHash = hashPassword(password);
      await writer.insert(entity, { ...fields, kind: 'password', username, secretHash });
      events.credentialCreated(actor, tenant, fields._id);
      return { id: fields._id, username, password };
    },
    claimNetwork,
    async createNetwork(actor, tenant, cidr, label) {
      const { id, claim } = await claimNetwork(tenant, cidr, label);
      await claim.confirm();
      events.credentialCreated(actor, tenant, id);
      return { id };
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    find: (id) => reader.find(entity, id),
    async revoke(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.bury(entity, id))) return false;
      events.credentialRevoked(actor, document.tenant, id);
      return true;
    },
  };
}
