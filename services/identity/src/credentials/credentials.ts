import { randomUUID } from 'node:crypto';
import { overlap } from '@mysmtp/api';
import { actorText, day, TenantUnavailable, type Actor } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import { reserve, TakenError, type Reservation } from '../reservations/reserve.ts';
import { refuseWider, type Bounds } from '../entities/bounds.ts';
import { isActive, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { CredentialDocument, NetworkCredential, PasswordCredential } from './model.ts';
import { hashPassword, newPassword, newUsername } from './secret.ts';
import {
  fieldPath,
  sealSettings,
  showSettings,
  timeText,
  type CredentialSettings,
  type ShownSettings,
} from './settings.ts';

/** What a list may show; no secret. */
export interface Credential extends ShownSettings {
  readonly id: string;
  readonly type: 'password' | 'network';
  readonly username?: string;
  readonly network?: string;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  /** Until when the password before the last rotation is valid. */
  readonly previousUntil: string | null;
}

/** Shown once. */
export interface NewPassword {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

export interface Credentials {
  /**
   * Returns the password. It cannot be read again later. Throws a `WiderThanCreatorError` if the credential
   * would be wider than these bounds.
   */
  createPassword(
    actor: Actor,
    tenant: string,
    settings?: CredentialSettings,
    bounds?: Bounds,
  ): Promise<NewPassword>;
  /** Keeps a network free for a tenant. Throws a `TakenError` if it overlaps with one of another tenant. */
  reserveNetwork(
    actor: Actor,
    tenant: string,
    cidr: string,
    settings?: CredentialSettings,
  ): Promise<{ readonly id: string; readonly reservation: Reservation }>;
  /** Reserves a network and activates it. */
  createNetwork(
    actor: Actor,
    tenant: string,
    cidr: string,
    settings?: CredentialSettings,
  ): Promise<{ readonly id: string }>;
  list(tenant: string): Promise<Credential[]>;
  /** Those that this actor has made. */
  listBy(tenant: string, actor: Actor): Promise<Credential[]>;
  count(tenant: string): Promise<number>;
  find(
    id: string,
  ): Promise<{ readonly tenant: string; readonly kind: Credential['type'] } | undefined>;
  /** Its tenant, and how its owner knows it: by user name or network. */
  nameOf(id: string): Promise<{ readonly tenant: string; readonly name: string } | undefined>;
  /**
   * `undefined` if there is no such credential. Throws a `WiderThanCreatorError` if a setting would be wider
   * than these bounds.
   */
  change(
    actor: Actor,
    id: string,
    settings: CredentialSettings,
    bounds?: Bounds,
  ): Promise<Credential | undefined>;
  /**
   * Gives a credential a new password. The present one stays valid for `overlap` milliseconds, an older one
   * does not. Returns `undefined` if there is no such credential, and `network` if it has no password.
   * Throws a `TakenError` if its password is rotated at the same moment, and a `WiderThanCreatorError` if the
   * credential is wider than these bounds.
   */
  rotate(
    actor: Actor,
    id: string,
    overlap: number,
    bounds?: Bounds,
  ): Promise<(NewPassword & { readonly previousUntil: string | null }) | 'network' | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
  /**
   * Records that authentications with this credential are throttled. `undefined` if that was recorded within
   * the last day, or if there is no such credential.
   */
  markThrottled(
    id: string,
  ): Promise<
    { readonly tenant: string; readonly username: string; readonly at: number } | undefined
  >;
}

export function createCredentials(deps: {
  readonly entity: Entity<CredentialDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly access: Pick<Tenants, 'fencedBy' | 'run' | 'writeAll'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Credentials {
  const { entity, reader, writer, access, fields: encrypted, clock, telemetry } = deps;

  async function common(actor: Actor, tenant: string, settings: CredentialSettings = {}) {
    const _id: string = randomUUID();
    const sealed = await sealSettings(encrypted, { tenant, id: _id }, settings);
    return { _id, tenant, ...sealed, createdAt: clock.now(), by: actorText(actor) };
  }

  const networkOf = ({ _id: id, tenant, cidr }: NetworkCredential): Promise<string> =>
    encrypted.open(tenant, fieldPath(id, 'cidr'), cidr);

  async function show(document: CredentialDocument): Promise<Credential> {
    const { _id: id, kind: type } = document;
    const previous = document.kind === 'password' ? document.previous : undefined;
    return {
      id,
      type,
      ...(await showSettings(encrypted, document)),
      ...(document.kind === 'password'
        ? { username: document.username }
        : { network: await networkOf(document) }),
      createdAt: new Date(document.createdAt).toISOString(),
      lastUsedAt: timeText(document.lastUsedAt),
      previousUntil:
        previous !== undefined && previous.until > clock.now() ? timeText(previous.until) : null,
    };
  }

  async function overlaps(rival: CredentialDocument, cidr: string): Promise<boolean> {
    if (rival.kind !== 'network') return false;
    try {
      return overlap(cidr, await networkOf(rival));
    } catch (error) {
      // A fenced tenant has no networks any more, only documents that will be deleted.
      if (error instanceof TenantUnavailable && !error.passes) return false;
      throw error;
    }
  }

  async function reserveNetwork(
    actor: Actor,
    tenant: string,
    cidr: string,
    settings?: CredentialSettings,
  ) {
    const fields = await common(actor, tenant, settings);
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
    async createPassword(actor, tenant, settings = {}, bounds = {}) {
      refuseWider(bounds, boundsOf(settings), 'expiresAt');
      const username = newUsername();
      const password = newPassword();
      const fields = await common(actor, tenant, settings);
      const secretHash = hashPassword(password);
      await writer.insert(entity, { ...fields, kind: 'password', username, secretHash });
      telemetry.credentialCreated(actor, tenant, fields._id);
      return { id: fields._id, username, password };
    },
    reserveNetwork,
    async createNetwork(actor, tenant, cidr, settings) {
      const { id, reservation } = await reserveNetwork(actor, tenant, cidr, settings);
      await reservation.confirm();
      telemetry.credentialCreated(actor, tenant, id);
      return { id };
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    async listBy(tenant, actor) {
      const all = await reader.list(entity, tenant);
      return Promise.all(all.filter(({ by }) => by === actorText(actor)).map(show));
    },
    count: (tenant) => entity.collection.countDocuments({ tenant, ...isActive }),
    find: (id) => reader.find(entity, id),
    async nameOf(id) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      const { tenant } = document;
      const name = document.kind === 'password' ? document.username : await networkOf(document);
      return { tenant, name };
    },
    async change(actor, id, settings, bounds = {}) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      // Only of what changes: another setting of a wider credential makes it no wider.
      const ofChanged = {
        networks: settings.networks === undefined ? undefined : bounds.networks,
        endsAt: settings.expiresAt === undefined ? undefined : bounds.endsAt,
      };
      refuseWider(ofChanged, boundsOf(settings), 'expiresAt');
      const { tenant } = document;
      const changes = await sealSettings(encrypted, { tenant, id }, settings);
      if (!(await writer.change(entity, id, changes))) return undefined;
      telemetry.credentialChanged(actor, tenant, id);
      const changed = await reader.find(entity, id);
      return changed === undefined ? undefined : show(changed);
    },
    async rotate(actor, id, overlap, bounds = {}) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      if (document.kind === 'network') return 'network';
      refuseWider(bounds, boundsOf(await showSettings(encrypted, document)), 'expiresAt');
      const { tenant, username, secretHash } = document;
      const password = newPassword();
      const previous = { secretHash, until: clock.now() + overlap };
      const changes = { secretHash: hashPassword(password), previous };
      // Of two rotations at once, the password that is shown second would never be valid.
      const ofPasswords = entity as Entity<PasswordCredential>;
      if (!(await writer.change(ofPasswords, id, changes, { secretHash }))) {
        throw new TakenError('The password of this credential was changed at the same time');
      }
      telemetry.credentialRotated(actor, tenant, id);
      const previousUntil = overlap === 0 ? null : timeText(previous.until);
      return { id, username, password, previousUntil };
    },
    async markThrottled(id) {
      const document = await reader.find(entity, id);
      if (document?.kind !== 'password') return undefined;
      const { tenant, username } = document;
      const at = clock.now();
      const marked = await access.run(tenant, 'write', () =>
        entity.collection.updateOne(
          {
            _id: id,
            ...isActive,
            $or: [{ throttledAt: { $exists: false } }, { throttledAt: { $lte: at - day } }],
          },
          { $set: { throttledAt: at } },
        ),
      );
      return marked.modifiedCount === 1 ? { tenant, username, at } : undefined;
    },
    async revoke(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      telemetry.credentialRevoked(actor, document.tenant, id);
      return true;
    },
  };
}

const boundsOf = ({ networks, expiresAt }: CredentialSettings): Bounds => ({
  networks: networks ?? undefined,
  endsAt: typeof expiresAt === 'string' ? Date.parse(expiresAt) : undefined,
});
