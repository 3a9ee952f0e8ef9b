import { randomUUID } from 'node:crypto';
import { overlap } from '@mysmtp/api';
import { TenantUnavailable, type Actor } from '@mysmtp/contracts';
import { reserve, type Reservation } from '../reservations/reserve.ts';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { CredentialDocument } from './model.ts';
import { hashPassword, newPassword, newUsername } from './secret.ts';

/** What a list may show; no secret. */
export interface Credential {
  readonly id: string;
  readonly type: 'password' | 'network';
  readonly label: string | null;
  readonly username?: string;
  readonly network?: string;
  readonly createdAt: string;
}

export interface Credentials {
  /** Returns the password. It cannot be read again later. */
  createPassword(
    actor: Actor,
    tenant: string,
    label?: string,
  ): Promise<{ readonly id: string; readonly username: string; readonly password: string }>;
  /** Keeps a network free for a tenant. Throws a `TakenError` if it overlaps with one of another tenant. */
  reserveNetwork(
    tenant: string,
    cidr: string,
    label?: string,
  ): Promise<{ readonly id: string; readonly reservation: Reservation }>;
  /** Reserves a network and activates it. */
  createNetwork(
    actor: Actor,
    tenant: string,
    cidr: string,
    label?: string,
  ): Promise<{ readonly id: string }>;
  list(tenant: string): Promise<Credential[]>;
  count(tenant: string): Promise<number>;
  find(id: string): Promise<{ readonly tenant: string } | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
}

const fieldPath = (id: string, field: 'label' | 'cidr') => `credentials:${id}:${field}` as const;

export function createCredentials(deps: {
  readonly entity: Entity<CredentialDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Credentials {
  const { entity, reader, writer, fields: encrypted, clock, telemetry } = deps;

  async function common(tenant: string, label: string | undefined) {
    const _id: string = randomUUID();
    const sealed =
      label === undefined
        ? undefined
        : { label: await encrypted.seal(tenant, fieldPath(_id, 'label'), label) };
    return { _id, tenant, ...sealed, createdAt: clock.now() };
  }

  async function show(document: CredentialDocument): Promise<Credential> {
    const { _id: id, tenant, kind: type, label } = document;
    return {
      id,
      type,
      label:
        label === undefined ? null : await encrypted.open(tenant, fieldPath(id, 'label'), label),
      ...(document.kind === 'password'
        ? { username: document.username }
        : { network: await encrypted.open(tenant, fieldPath(id, 'cidr'), document.cidr) }),
      createdAt: new Date(document.createdAt).toISOString(),
    };
  }

  async function overlaps(rival: CredentialDocument, cidr: string): Promise<boolean> {
    if (rival.kind !== 'network') return false;
    try {
      return overlap(
        cidr,
        await encrypted.open(rival.tenant, fieldPath(rival._id, 'cidr'), rival.cidr),
      );
    } catch (error) {
      // A fenced tenant has no networks any more, only documents that will be deleted.
      if (error instanceof TenantUnavailable && !error.passes) return false;
      throw error;
    }
  }

  async function reserveNetwork(tenant: string, cidr: string, label?: string) {
    const fields = await common(tenant, label);
    const id = fields._id;
    const reservation = await reserve({
      writer,
      entity,
      fields: {
        ...fields,
        kind: 'network',
        cidr: await encrypted.seal(tenant, fieldPath(id, 'cidr'), cidr),
      },
      // Networks of one tenant may overlap: a client is the same customer either way.
      rivals: { kind: 'network', tenant: { $ne: tenant } },
      clashes: (rival) => overlaps(rival, cidr),
      taken: 'This network overlaps with a network of another tenant',
    });
    return { id, reservation };
  }

  return {
    async createPassword(actor, tenant, label) {
      const username = newUsername();
      const password = newPassword();
      const fields = await common(tenant, label);
      const secretHash = hashPassword(password);
      await writer.insert(entity, { ...fields, kind: 'password', username, secretHash });
      telemetry.credentialCreated(actor, tenant, fields._id);
      return { id: fields._id, username, password };
    },
    reserveNetwork,
    async createNetwork(actor, tenant, cidr, label) {
      const { id, reservation } = await reserveNetwork(tenant, cidr, label);
      await reservation.confirm();
      telemetry.credentialCreated(actor, tenant, id);
      return { id };
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    count: (tenant) => entity.collection.countDocuments({ tenant, ...isActive }),
    find: (id) => reader.find(entity, id),
    async revoke(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      telemetry.credentialRevoked(actor, document.tenant, id);
      return true;
    },
  };
}
