import { randomUUID } from 'node:crypto';
import { permissionsOf, type Permission, type PersonPrincipal } from '@mysmtp/api';
import { hour, minute, operatorRealm, sessionPrefix } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { PersonDocument, SessionDocument, SessionKind } from './model.ts';
import { newSecret } from './secrets.ts';

/** A session ends after this time without a request, … Milliseconds. */
const idle = 30 * minute;
/** … and in any case after this time (ASVS 7.3). */
export const sessionLifetime = 12 * hour;
/** A use is written at most this often, so `idle` may be shorter by it, and never longer. */
const writeEvery = minute;

/** What a session before the second factor may do: enrol one. */
const enrolling: ReadonlySet<Permission> = new Set<Permission>(['factors:enrol']);

/** What its owner may see of a session. */
export interface Session {
  readonly id: string;
  readonly device: string;
  readonly createdAt: number;
  readonly usedAt: number;
}

export interface NewSession {
  readonly token: string;
  readonly session: string;
  readonly expiresAt: number;
}

/** Sessions: opaque 256-bit tokens, stored as hashes, so that each can be ended at once. */
export interface Sessions {
  open(
    person: Pick<PersonDocument, '_id' | 'tenant'>,
    kind: SessionKind,
    device: string,
    /** When the second factor was presented; the default is now. */
    factorAt?: number,
  ): Promise<NewSession>;
  /**
   * The person of the session with this hash of a token. Reads the database each time, so that a session
   * that was ended is refused at once, and a changed role is in force at once.
   */
  lookUp(hash: string): Promise<PersonPrincipal | undefined>;
  /** The session as stored, if it is open. */
  find(id: string): Promise<SessionDocument | undefined>;
  deviceOf(session: SessionDocument): Promise<string>;
  list(person: string): Promise<Session[]>;
  /** The second factor was presented now. */
  stepUp(id: string): Promise<void>;
  /** Ends one session of a person. False if there is no such session. */
  end(person: string, id: string): Promise<boolean>;
  /** Whether a session of another person has this id. */
  isForeign(person: string, id: string): Promise<boolean>;
  /** Ends all sessions of a person, with or without this one. */
  endAll(person: string, except?: string): Promise<void>;
  dropExpired(): Promise<void>;
  /** When the oldest one began, in milliseconds. */
  oldest(): Promise<number | undefined>;
  /** Deletes those of a realm. Returns how many there were. */
  purge(tenant: string): Promise<number>;
}

const fieldPath = (id: string) => `sessions:${id}:device` as const;

export function createSessions(deps: {
  readonly collection: mongo.Collection<SessionDocument>;
  readonly people: mongo.Collection<PersonDocument>;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
}): Sessions {
  const { collection, people, access, fields, clock } = deps;

  /** Neither idle nor old. */
  function isOpen(): mongo.Filter<SessionDocument> {
    const now = clock.now();
    return { usedAt: { $gt: now - idle }, createdAt: { $gt: now - sessionLifetime } };
  }

  /** Also while writes are suspended: it creates nothing, so a purge need not wait for it. */
  async function touch({ _id, usedAt }: SessionDocument): Promise<void> {
    const now = clock.now();
    if (now - usedAt >= writeEvery) await collection.updateOne({ _id }, { $max: { usedAt: now } });
  }

  const deviceOf = ({ _id, tenant, device }: SessionDocument) =>
    fields.open(tenant, fieldPath(_id), device);

  return {
    async open({ _id: person, tenant }, kind, device, factorAt) {
      const { secret: token, hash } = newSecret(sessionPrefix);
      const _id = randomUUID();
      const now = clock.now();
      const document: SessionDocument = {
        _id,
        tenant,
        person,
        kind,
        hash,
        device: await fields.seal(tenant, fieldPath(_id), device),
        ...(kind === 'full' && { factorAt: factorAt ?? now }),
        createdAt: now,
        usedAt: now,
      };
      await access.run(tenant, 'write', async () => {
        await collection.insertOne(document);
      });
      return { token, session: _id, expiresAt: now + sessionLifetime };
    },
    async lookUp(hash) {
      const found = await collection.findOne({ hash, ...isOpen() });
      if (found === null || access.fencedBy(found.tenant) !== undefined) return undefined;
      const person = await people.findOne({ _id: found.person }, { projection: { role: 1 } });
      if (person === null) return undefined;
      await touch(found);
      return {
        kind: 'person',
        id: found.person,
        session: found._id,
        tenant: found.tenant === operatorRealm ? null : found.tenant,
        role: person.role,
        permissions: found.kind === 'full' ? permissionsOf(person.role) : enrolling,
        // Before the first factor there is none to present.
        factorAt: found.kind === 'full' ? (found.factorAt ?? null) : clock.now(),
      };
    },
    find: async (id) => (await collection.findOne({ _id: id, ...isOpen() })) ?? undefined,
    async list(person) {
      const found = await collection
        .find({ person, ...isOpen() })
        .sort({ createdAt: 1 })
        .toArray();
      return Promise.all(
        found.map(async (session) => ({
          id: session._id,
          device: await deviceOf(session),
          createdAt: session.createdAt,
          usedAt: session.usedAt,
        })),
      );
    },
    deviceOf,
    async stepUp(id) {
      await collection.updateOne({ _id: id, kind: 'full' }, { $max: { factorAt: clock.now() } });
    },
    async end(person, id) {
      return (await collection.deleteOne({ _id: id, person })).deletedCount === 1;
    },
    isForeign: async (person, id) =>
      (await collection.findOne({ _id: id, person: { $ne: person } })) !== null,
    async endAll(person, except) {
      await collection.deleteMany({
        person,
        ...(except !== undefined && { _id: { $ne: except } }),
      });
    },
    async dropExpired() {
      const now = clock.now();
      const isOver = [
        { usedAt: { $lte: now - idle } },
        { createdAt: { $lte: now - sessionLifetime } },
      ];
      await collection.deleteMany({ $or: isOver });
    },
    async oldest() {
      return (await collection.findOne({}, { sort: { createdAt: 1 } }))?.createdAt;
    },
    async purge(tenant) {
      return (await collection.deleteMany({ tenant })).deletedCount;
    },
  };
}
