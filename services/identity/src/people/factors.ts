import { randomUUID } from 'node:crypto';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { PasskeyDocument, PersonDocument, SessionKind } from './model.ts';
import { Passkey, type Passkeys } from './passkeys.ts';
import { hashRecoveryCode, newRecoveryCodes } from './secrets.ts';
import { stepOf } from './totp.ts';

/** A second factor as a person presents it. `passkey`: the response of the authenticator. */
export type PresentedFactor =
  | { readonly code: string }
  | { readonly recoveryCode: string }
  | { readonly passkey: unknown };

/** A second factor to add. `step`: that of the code by which the person has confirmed it. */
export type NewFactor =
  | { readonly totp: { readonly secret: string; readonly step: number } }
  | { readonly passkey: Passkey; readonly label: string };

/** Its id and its label, for a list. */
export interface PasskeyView {
  readonly id: string;
  readonly label: string;
  readonly addedAt: string;
}

/** The second factors in accounts. Each change is one conditional write, so codes are used once. */
export interface Factors {
  /**
   * Whether this factor belongs to the person, and uses it: a code is accepted once, also if it is presented
   * twice at the same time. `challengeHash`: of the challenge that the authenticator has signed.
   */
  present(
    person: PersonDocument,
    factor: PresentedFactor,
    challengeHash: string | undefined,
  ): Promise<boolean>;
  /**
   * Adds a factor; in a session of the kind `replace` it removes all others. Returns new recovery codes if the
   * person has none or they are replaced.
   */
  add(
    person: PersonDocument,
    factor: NewFactor,
    session: SessionKind,
  ): Promise<readonly string[] | undefined>;
  /** False if there is no such factor, or no other one. A recovery code is no factor of its own. */
  removeTotp(person: PersonDocument): Promise<boolean>;
  removePasskey(person: PersonDocument, id: string): Promise<boolean>;
  /** Whether a passkey of another person has this id. */
  isForeign(person: PersonDocument, id: string): Promise<boolean>;
  /** Replaces the recovery codes. */
  renewRecoveryCodes(person: PersonDocument): Promise<readonly string[]>;
  /** What the authenticator needs to know about the registered passkeys. */
  passkeysOf(person: PersonDocument): Promise<Passkey[]>;
  listPasskeys(person: PersonDocument): Promise<PasskeyView[]>;
}

const totpPath = (id: string) => `people:${id}:totp` as const;
const passkeyPath = (id: string, passkey: string) => `people:${id}:passkey:${passkey}` as const;
const labelPath = (id: string, passkey: string) => `people:${id}:label:${passkey}` as const;

export function createFactors(deps: {
  readonly collection: mongo.Collection<PersonDocument>;
  readonly access: Pick<Tenants, 'run'>;
  readonly fields: EncryptedFields;
  readonly passkeys: Passkeys;
  readonly clock: { now(): number };
}): Factors {
  const { collection, access, fields, passkeys, clock } = deps;

  async function update(
    { _id, tenant }: PersonDocument,
    how: mongo.Document,
    which: mongo.Filter<PersonDocument> = {},
  ): Promise<boolean> {
    const { matchedCount } = await access.run(tenant, 'write', () =>
      // The driver's types do not accept changes of arrays that are `readonly`.
      collection.updateOne({ ...which, _id }, how as mongo.UpdateFilter<PersonDocument>),
    );
    return matchedCount === 1;
  }

  const changed = () => ({ changedAt: clock.now() });

  async function useCode(person: PersonDocument, code: string): Promise<boolean> {
    const { _id, tenant, totp } = person;
    if (totp === undefined) return false;
    const secret = await fields.open(tenant, totpPath(_id), totp.secret);
    const step = await stepOf(secret, code, clock.now());
    if (step === undefined) return false;
    const unused = { 'totp.secret': totp.secret, 'totp.step': { $lt: step } };
    return update(person, { $set: { 'totp.step': step } }, unused);
  }

  async function useRecoveryCode(person: PersonDocument, code: string): Promise<boolean> {
    const recoveryCodes = hashRecoveryCode(code);
    return update(person, { $pull: { recoveryCodes } }, { recoveryCodes });
  }

  const openPasskey = async (
    { _id, tenant }: PersonDocument,
    { id, passkey }: PasskeyDocument,
  ): Promise<Passkey> =>
    Passkey.parse(JSON.parse(await fields.open(tenant, passkeyPath(_id, id), passkey)));

  const sealPasskey = ({ _id, tenant }: PersonDocument, id: string, passkey: Passkey) =>
    fields.seal(tenant, passkeyPath(_id, id), JSON.stringify(passkey));

  const passkeysOf = (person: PersonDocument): Promise<Passkey[]> =>
    Promise.all(person.passkeys.map((one) => openPasskey(person, one)));

  async function usePasskey(
    person: PersonDocument,
    response: unknown,
    challengeHash: string | undefined,
  ): Promise<boolean> {
    if (challengeHash === undefined) return false;
    const known = await passkeysOf(person);
    const used = await passkeys.authenticate(response, challengeHash, known);
    if (used === undefined) return false;
    const [before, passkey] = [person.passkeys[used.index], known[used.index]];
    if (before === undefined || passkey === undefined) return false;
    const sealed = await sealPasskey(person, before.id, { ...passkey, counter: used.counter });
    return update(
      person,
      { $set: { 'passkeys.$.passkey': sealed } },
      { passkeys: { $elemMatch: { id: before.id, passkey: before.passkey } } },
    );
  }

  async function fieldsOf(person: PersonDocument, factor: NewFactor) {
    const { _id, tenant } = person;
    const addedAt = clock.now();
    if ('totp' in factor) {
      const { secret, step } = factor.totp;
      const totp = { secret: await fields.seal(tenant, totpPath(_id), secret), step, addedAt };
      return { set: { totp } };
    }
    const id = randomUUID();
    const passkey: PasskeyDocument = {
      id,
      passkey: await sealPasskey(person, id, factor.passkey),
      label: await fields.seal(tenant, labelPath(_id, id), factor.label),
      addedAt,
    };
    return { passkey };
  }

  return {
    async present(person, factor, challengeHash) {
      if ('code' in factor) return useCode(person, factor.code);
      if ('recoveryCode' in factor) return useRecoveryCode(person, factor.recoveryCode);
      return usePasskey(person, factor.passkey, challengeHash);
    },
    async add(person, factor, session) {
      const replace = session === 'replace';
      const { set, passkey } = await fieldsOf(person, factor);
      const codes = replace || person.recoveryCodes.length === 0 ? newRecoveryCodes() : undefined;
      const $set = {
        ...set,
        ...(codes !== undefined && { recoveryCodes: codes.map(hashRecoveryCode) }),
        ...(replace && { passkeys: passkey === undefined ? [] : [passkey] }),
        ...(session !== 'enrol' && changed()),
      };
      await update(person, {
        ...(Object.keys($set).length > 0 && { $set }),
        ...(replace && set === undefined && { $unset: { totp: true } }),
        ...(!replace && passkey !== undefined && { $push: { passkeys: passkey } }),
      });
      return codes;
    },
    removeTotp: (person) =>
      update(
        person,
        { $unset: { totp: true }, $set: changed() },
        { totp: { $exists: true }, 'passkeys.0': { $exists: true } },
      ),
    removePasskey: (person, id) =>
      update(
        person,
        { $pull: { passkeys: { id } }, $set: changed() },
        {
          'passkeys.id': id,
          $or: [{ totp: { $exists: true } }, { 'passkeys.1': { $exists: true } }],
        },
      ),
    isForeign: async ({ _id }, id) =>
      (await collection.findOne({ 'passkeys.id': id, _id: { $ne: _id } })) !== null,
    async renewRecoveryCodes(person) {
      const codes = newRecoveryCodes();
      await update(person, {
        $set: { recoveryCodes: codes.map(hashRecoveryCode), ...changed() },
      });
      return codes;
    },
    passkeysOf,
    listPasskeys: (person) =>
      Promise.all(
        person.passkeys.map(async ({ id, label, addedAt }) => ({
          id,
          label: await fields.open(person.tenant, labelPath(person._id, id), label),
          addedAt: new Date(addedAt).toISOString(),
        })),
      ),
  };
}
