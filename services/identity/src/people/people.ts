import { hour, TenantUnavailable, type Role } from '@mysmtp/contracts';
import { usualNetworkOf } from '@mysmtp/http';
import { addressIndex, blindIndex } from '@mysmtp/seal';
import { isDuplicateKey } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { PersonDocument } from './model.ts';

/** Another account of the realm has this address. */
export class AddressTakenError extends Error {
  constructor() {
    super('Another account has this address');
    this.name = 'AddressTakenError';
  }
}

/** Too many wrong codes: no code of this person is tried for up to an hour. */
export class CodesExhaustedError extends Error {
  constructor() {
    super('Too many wrong codes');
    this.name = 'CodesExhaustedError';
  }
}

/** How many wrong codes a person may send in an hour. A six-digit code is then never guessed. */
const mostFailures = 10;
/** How many devices are stored, each with its network, so that a known one causes no mail. */
const mostDevices = 20;

/** What others of the realm may see of an account. */
export interface PersonView {
  readonly id: string;
  readonly address: string;
  readonly name: string | null;
  readonly role: Role;
  readonly hasFactor: boolean;
  readonly createdAt: string;
}

/** Who a person is at a sign-in provider (OpenID Connect Core 1.0, 2). */
export interface ProviderSubject {
  readonly issuer: string;
  readonly subject: string;
}

/** The accounts of people, by realm. Every function of one person is a single conditional write. */
export interface People {
  /** Throws an `AddressTakenError`. */
  add(person: {
    readonly id: string;
    readonly tenant: string;
    readonly role: Role;
    readonly address: string;
    readonly name?: string | undefined;
    /** Argon2id hash. */
    readonly password?: string | undefined;
    readonly provider?: ProviderSubject;
  }): Promise<PersonDocument>;
  /** Of this realm; hidden while the realm is fenced. */
  find(tenant: string, id: string): Promise<PersonDocument | undefined>;
  /** Whether a person of another realm has this id. */
  isForeign(tenant: string, id: string): Promise<boolean>;
  /** Those of these ids that an account of any realm has. */
  existing(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** `undefined` also for a realm that does not exist. */
  findByAddress(tenant: string, address: string): Promise<PersonDocument | undefined>;
  findBySubject(tenant: string, provider: ProviderSubject): Promise<PersonDocument | undefined>;
  /**
   * Stores the subject of the person at the provider. Without a second factor of its own the account loses its
   * password, which must not replace the factor at the provider. False if it belongs to another subject.
   */
  bindSubject(person: PersonDocument, provider: ProviderSubject): Promise<boolean>;
  /** The tenant has another provider, or none. */
  forgetSubjects(tenant: string): Promise<void>;
  /** Oldest first. */
  list(tenant: string): Promise<PersonDocument[]>;
  hasOwner(tenant: string): Promise<boolean>;
  view(person: PersonDocument): Promise<PersonView>;
  addressOf(person: PersonDocument): Promise<string>;
  /** The stored Argon2id hash. */
  passwordOf(person: PersonDocument): Promise<string | undefined>;
  setName(person: PersonDocument, name: string | null): Promise<void>;
  /** `isNew`: of an account that nobody has used yet, so it is no change of an account. */
  setPassword(person: PersonDocument, hash: string, account?: { isNew: true }): Promise<void>;
  /** `undoes`: the change before. Throws an `AddressTakenError`. */
  setAddress(person: PersonDocument, address: string, change?: { undoes: true }): Promise<void>;
  /** Changes a role, but never that of an owner. False if there is no such person, or it is the owner. */
  setRole(tenant: string, id: string, role: Role): Promise<boolean>;
  /**
   * Makes another person the owner, and the present owner an admin. The new one first, so that there is an
   * owner at each moment. False if there is no other person with this id who is not an owner.
   */
  transfer(tenant: string, from: string, to: string): Promise<boolean>;
  /** Deletes an account, but never that of an owner. */
  remove(tenant: string, id: string): Promise<boolean>;
  /**
   * The accounts whose address must still be written to their tenants as that of the owner. Every change of an
   * address, and every new owner, marks the account in the same write.
   */
  newOwners(): Promise<PersonDocument[]>;
  /** Removes the mark, unless the account was marked again. */
  ownerWritten(person: PersonDocument): Promise<void>;
  /** Counts an attempt to present a code before it is checked. Throws a `CodesExhaustedError`. */
  countAttempt(person: PersonDocument): Promise<void>;
  forgetAttempts(person: PersonDocument): Promise<void>;
  /**
   * Whether the person signs in with this device from this network for the first time. `from`: IP address.
   * Stores both together, as one blind index.
   */
  isNewDevice(
    person: PersonDocument,
    client: { readonly device: string; readonly from: string },
  ): Promise<boolean>;
  /** Deletes those of a realm. Returns how many there were. */
  purge(tenant: string): Promise<number>;
}

export const hasFactor = ({ totp, passkeys }: PersonDocument): boolean =>
  totp !== undefined || passkeys.length > 0;

async function unlessTaken<Result>(write: Promise<Result>): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    throw isDuplicateKey(error) ? new AddressTakenError() : error;
  }
}

export function createPeople(deps: {
  readonly collection: mongo.Collection<PersonDocument>;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
}): People {
  const { collection, access, fields, clock } = deps;
  type Field = 'email' | 'name' | 'password';
  const fieldPath = (id: string, field: Field) => `people:${id}:${field}` as const;
  const seal = (tenant: string, id: string, field: Field, text: string) =>
    fields.seal(tenant, fieldPath(id, field), text);
  /** People do not distinguish cases, so `Jane@` and `jane@` are one account. Mail goes to what is stored. */
  const indexOf = async (tenant: string, address: string) =>
    addressIndex(await fields.indexKey(tenant), address.toLowerCase());
  const subjectIndexOf = async (tenant: string, { issuer, subject }: ProviderSubject) =>
    blindIndex(await fields.indexKey(tenant), `provider:${issuer} ${subject}`);
  const isHidden = (tenant: string) => access.fencedBy(tenant) !== undefined;

  async function update(
    { _id, tenant }: Pick<PersonDocument, '_id' | 'tenant'>,
    how: mongo.Document,
    which: mongo.Filter<PersonDocument> = {},
  ): Promise<boolean> {
    const { matchedCount } = await access.run(tenant, 'write', () =>
      // The driver's types do not accept changes of arrays that are `readonly`.
      collection.updateOne({ ...which, _id, tenant }, how as mongo.UpdateFilter<PersonDocument>),
    );
    return matchedCount === 1;
  }

  const addressOf = ({ _id, tenant, email }: PersonDocument) =>
    fields.open(tenant, fieldPath(_id, 'email'), email);

  return {
    async add({ id: _id, tenant, role, address, name, password, provider }) {
      const document: PersonDocument = {
        _id,
        tenant,
        role,
        email: await seal(tenant, _id, 'email', address),
        emailIndex: await indexOf(tenant, address),
        ...(name !== undefined && { name: await seal(tenant, _id, 'name', name) }),
        ...(password !== undefined && {
          password: await seal(tenant, _id, 'password', password),
        }),
        ...(provider !== undefined && { providerSubject: await subjectIndexOf(tenant, provider) }),
        passkeys: [],
        recoveryCodes: [],
        failures: { count: 0, since: 0 },
        devices: [],
        createdAt: clock.now(),
        ...(role === 'owner' && { ownerSince: clock.now() }),
      };
      await unlessTaken(
        access.run(tenant, 'write', async () => {
          await collection.insertOne(document);
        }),
      );
      return document;
    },
    async find(tenant, id) {
      if (isHidden(tenant)) return undefined;
      return (await collection.findOne({ _id: id, tenant })) ?? undefined;
    },
    isForeign: async (tenant, id) =>
      (await collection.findOne({ _id: id, tenant: { $ne: tenant } })) !== null,
    async existing(ids) {
      const found = collection.find({ _id: { $in: [...ids] } }, { projection: { _id: 1 } });
      return new Set((await found.toArray()).map(({ _id }) => _id));
    },
    async findByAddress(tenant, address) {
      // Privacy has no keys of a realm that does not exist.
      if ((await collection.findOne({ tenant }, { projection: { _id: 1 } })) === null) {
        return undefined;
      }
      try {
        const emailIndex = await indexOf(tenant, address);
        // Needs the same keys for an unknown address, so that the time does not show whether there is an account.
        await seal(tenant, emailIndex, 'password', '');
        return (await collection.findOne({ tenant, emailIndex })) ?? undefined;
      } catch (error) {
        if (error instanceof TenantUnavailable && !error.passes) return undefined;
        throw error;
      }
    },
    async findBySubject(tenant, provider) {
      if (isHidden(tenant)) return undefined;
      const providerSubject = await subjectIndexOf(tenant, provider);
      return (await collection.findOne({ tenant, providerSubject })) ?? undefined;
    },
    async bindSubject(person, provider) {
      const providerSubject = await subjectIndexOf(person.tenant, provider);
      return unlessTaken(
        update(
          person,
          {
            $set: {
              providerSubject,
              ...(person.providerSubject !== providerSubject && { changedAt: clock.now() }),
            },
            ...(!hasFactor(person) && { $unset: { password: true } }),
          },
          { $or: [{ providerSubject: { $exists: false } }, { providerSubject }] },
        ),
      );
    },
    async forgetSubjects(tenant) {
      const all = { tenant, providerSubject: { $exists: true } };
      await collection.updateMany(all, { $unset: { providerSubject: true } });
    },
    async list(tenant) {
      if (isHidden(tenant)) return [];
      return collection.find({ tenant }).sort({ createdAt: 1 }).toArray();
    },
    hasOwner: async (tenant) => (await collection.findOne({ tenant, role: 'owner' })) !== null,
    addressOf,
    async view(person) {
      const { _id: id, tenant, name, role, createdAt } = person;
      return {
        id,
        address: await addressOf(person),
        name: name === undefined ? null : await fields.open(tenant, fieldPath(id, 'name'), name),
        role,
        hasFactor: hasFactor(person),
        createdAt: new Date(createdAt).toISOString(),
      };
    },
    passwordOf: async ({ _id, tenant, password }) =>
      password === undefined
        ? undefined
        : fields.open(tenant, fieldPath(_id, 'password'), password),
    async setName(person, name) {
      const { _id, tenant } = person;
      await (name === null
        ? update(person, { $unset: { name: true } })
        : update(person, { $set: { name: await seal(tenant, _id, 'name', name) } }));
    },
    async setPassword(person, hash, account) {
      const { _id, tenant } = person;
      const password = await seal(tenant, _id, 'password', hash);
      await update(person, {
        $set: { password, ...(account?.isNew !== true && { changedAt: clock.now() }) },
      });
    },
    async setAddress(person, address, change) {
      const { _id, tenant } = person;
      const email = await seal(tenant, _id, 'email', address);
      const emailIndex = await indexOf(tenant, address);
      const now = clock.now();
      const undone = change?.undoes === true && { undoneAt: now };
      await unlessTaken(
        update(person, { $set: { email, emailIndex, ownerSince: now, changedAt: now, ...undone } }),
      );
    },
    setRole: (tenant, _id, role) =>
      update({ _id, tenant }, { $set: { role } }, { role: { $ne: 'owner' } }),
    async transfer(tenant, from, to) {
      const promoted = await update(
        { _id: to, tenant },
        { $set: { role: 'owner', ownerSince: clock.now() } },
        { role: { $ne: 'owner' } },
      );
      if (promoted) await update({ _id: from, tenant }, { $set: { role: 'admin' } });
      return promoted;
    },
    async remove(tenant, _id) {
      const { deletedCount } = await collection.deleteOne({ _id, tenant, role: { $ne: 'owner' } });
      return deletedCount === 1;
    },
    async newOwners() {
      const found = await collection.find({ ownerSince: { $gt: 0 } }).toArray();
      return found.filter(({ tenant }) => !isHidden(tenant));
    },
    async ownerWritten({ _id, ownerSince }) {
      if (ownerSince === undefined) return;
      await collection.updateOne({ _id, ownerSince }, { $unset: { ownerSince: true } });
    },
    async countAttempt(person) {
      const now = clock.now();
      await update(
        person,
        { $set: { failures: { count: 0, since: now } } },
        { 'failures.since': { $lte: now - hour } },
      );
      const counted = await update(
        person,
        { $inc: { 'failures.count': 1 } },
        { 'failures.count': { $lt: mostFailures } },
      );
      if (!counted) throw new CodesExhaustedError();
    },
    async forgetAttempts(person) {
      await update(person, { $set: { failures: { count: 0, since: clock.now() } } });
    },
    async isNewDevice(person, { device, from }) {
      const client = `device:${usualNetworkOf(from)} ${device}`;
      const index = blindIndex(await fields.indexKey(person.tenant), client);
      return update(
        person,
        { $push: { devices: { $each: [index], $slice: -mostDevices } } },
        { devices: { $ne: index } },
      );
    },
    async purge(tenant) {
      return (await collection.deleteMany({ tenant })).deletedCount;
    },
  };
}
