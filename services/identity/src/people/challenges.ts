import { randomUUID } from 'node:crypto';
import { day, minute, type Role } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { ProviderSubject } from './people.ts';
import type { ChallengeDocument, ChallengeKind } from './model.ts';
import { newSecret } from './secrets.ts';

type Nothing = Readonly<Record<string, never>>;

/** What is stored in a challenge until it is finished. */
export interface ChallengeContent {
  /** With the ids of what it makes, so that it can be finished in several attempts. */
  'sign-up': { readonly address: string; readonly tenant: string; readonly person: string };
  /** `by`: id of the inviter. */
  invitation: {
    readonly address: string;
    readonly role: Role;
    readonly person: string;
    readonly by: string;
  };
  /** `passkey`: hash of the challenge in the options, if the person has passkeys. */
  'sign-in': {
    readonly device: string;
    readonly passkey?: string;
    /** Who the person is at the provider, if that came before. */
    readonly provider?: ProviderSubject;
  };
  /** What a sign-in at the provider of the tenant has begun with. */
  provider: {
    readonly device: string;
    readonly issuer: string;
    readonly state: string;
    readonly nonce: string;
    readonly verifier: string;
  };
  'step-up': { readonly passkey?: string };
  passkey: { readonly passkey: string };
  totp: { readonly secret: string };
  'password-reset': Nothing;
  email: { readonly address: string };
  'email-undo': { readonly address: string };
  'lost-factor': Nothing;
}

/** How long each can be finished. Milliseconds. */
export const challengeLifetime: Readonly<Record<ChallengeKind, number>> = {
  'sign-up': day,
  invitation: 7 * day,
  'sign-in': 10 * minute,
  'step-up': 10 * minute,
  passkey: 10 * minute,
  totp: 10 * minute,
  'password-reset': 30 * minute,
  email: day,
  'email-undo': 3 * day,
  'lost-factor': 7 * day,
  provider: 10 * minute,
};

/** How long after the approval a lost factor may be replaced, and until when. Milliseconds. */
export const lostFactorWaiting = 3 * day;
const replaceableFor = 4 * day;

/** An approval on the last day starts the waiting time. */
export const challengeRetention =
  challengeLifetime['lost-factor'] + lostFactorWaiting + replaceableFor;

/** For how long a request has a link for itself. It needs seconds, unless its process stops. */
const holding = 2 * minute;

/** How often a second factor may be tried with one password. */
const mostTries = 5;

/** A challenge whose content is open. */
export interface Challenge<Kind extends ChallengeKind = ChallengeKind> {
  readonly id: string;
  readonly kind: Kind;
  readonly tenant: string;
  readonly person: string | undefined;
  readonly content: ChallengeContent[Kind];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly dueAt: number | undefined;
}

/** Challenges: 256-bit secrets with a purpose, a lifetime and one use. Those of a fenced realm are hidden. */
export interface Challenges {
  issue<Kind extends ChallengeKind>(
    kind: Kind,
    owner: { readonly tenant: string; readonly person?: string },
    content: ChallengeContent[Kind],
  ): Promise<{ readonly id: string; readonly secret: string; readonly expiresAt: number }>;
  /** The challenge with this secret, unused and in time. Does not use it. */
  find<Kind extends ChallengeKind>(
    kind: Kind,
    secret: string,
  ): Promise<Challenge<Kind> | undefined>;
  /** As `find`, and counts a try: beyond the limit there is no such challenge. */
  tryOn<Kind extends ChallengeKind>(
    kind: Kind,
    secret: string,
  ): Promise<Challenge<Kind> | undefined>;
  /** Uses it. False if it is used already or too late: of two concurrent calls one succeeds. */
  take(challenge: Pick<Challenge, 'id' | 'tenant'>): Promise<boolean>;
  /**
   * Reserves a link for one request for two minutes, and stores what it makes. False if another request has it:
   * of two concurrent calls one succeeds.
   */
  hold(
    challenge: Pick<Challenge, 'id' | 'tenant'>,
    makes: { readonly person: string; readonly opens?: string },
  ): Promise<boolean>;
  /** Ends this earlier. */
  release(challenge: Pick<Challenge, 'id'>): Promise<void>;
  /** Those of a realm, or of one person of it; oldest first. */
  list<Kind extends ChallengeKind>(
    kind: Kind,
    owner: { readonly tenant: string; readonly person?: string },
  ): Promise<Challenge<Kind>[]>;
  /** Those that a person has begun, with the invitations by this person; oldest first. */
  begunBy(tenant: string, person: string): Promise<Challenge[]>;
  /** Whether one of this kind in another realm has this id. */
  isForeign(kind: ChallengeKind, tenant: string, id: string): Promise<boolean>;
  /** Starts the waiting time of a lost factor. Returns its end; `undefined` if there is none to start. */
  approve(challenge: Pick<Challenge, 'id' | 'tenant'>): Promise<number | undefined>;
  /** Ends all of a person, or those of some kinds. */
  drop(person: string, kinds?: readonly ChallengeKind[]): Promise<void>;
  /** Ends those of the same kind and person that were begun after this one. */
  dropLater(challenge: Challenge): Promise<void>;
  /** Deletes what is too late. */
  dropExpired(): Promise<void>;
  /** When the oldest one began, in milliseconds. */
  oldest(): Promise<number | undefined>;
  /** Deletes those of a realm, and of a sign-up that has made it. Returns how many there were. */
  purge(tenant: string): Promise<number>;
}

const fieldPath = (id: string) => `challenges:${id}:content` as const;

export function createChallenges(deps: {
  readonly collection: mongo.Collection<ChallengeDocument>;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
}): Challenges {
  const { collection, access, fields, clock } = deps;
  const inTime = () => ({ expiresAt: { $gt: clock.now() } });

  async function opened<Kind extends ChallengeKind>(
    found: ChallengeDocument | null,
  ): Promise<Challenge<Kind> | undefined> {
    if (found === null || access.fencedBy(found.tenant) !== undefined) return undefined;
    const { _id: id, tenant, person, createdAt, expiresAt, dueAt } = found;
    const content = JSON.parse(await fields.open(tenant, fieldPath(id), found.content)) as unknown;
    return {
      id,
      kind: found.kind as Kind,
      tenant,
      person,
      content: content as ChallengeContent[Kind],
      createdAt,
      expiresAt,
      dueAt,
    };
  }

  return {
    async issue(kind, { tenant, person }, content) {
      const { secret, hash } = newSecret();
      const _id = randomUUID();
      const createdAt = clock.now();
      const expiresAt = createdAt + challengeLifetime[kind];
      const document: ChallengeDocument = {
        _id,
        kind,
        tenant,
        ...(person !== undefined && { person }),
        hash,
        content: await fields.seal(tenant, fieldPath(_id), JSON.stringify(content)),
        tries: 0,
        createdAt,
        expiresAt,
      };
      await access.run(tenant, 'write', async () => {
        await collection.insertOne(document);
      });
      return { id: _id, secret, expiresAt };
    },
    find: async (kind, secret) =>
      opened(await collection.findOne({ hash: hashToken(secret), kind, ...inTime() })),
    tryOn: async (kind, secret) =>
      opened(
        await collection.findOneAndUpdate(
          { hash: hashToken(secret), kind, tries: { $lt: mostTries }, ...inTime() },
          { $inc: { tries: 1 } },
        ),
      ),
    async take({ id, tenant }) {
      const { deletedCount } = await access.run(tenant, 'write', () =>
        collection.deleteOne({ _id: id, ...inTime() }),
      );
      return deletedCount === 1;
    },
    async hold({ id, tenant }, makes) {
      const now = clock.now();
      const { modifiedCount } = await access.run(tenant, 'write', () =>
        collection.updateOne(
          { _id: id, $nor: [{ heldUntil: { $gt: now } }], ...inTime() },
          { $set: { ...makes, heldUntil: now + holding } },
        ),
      );
      return modifiedCount === 1;
    },
    async release({ id }) {
      await collection.updateOne({ _id: id }, { $unset: { heldUntil: true } });
    },
    async list<Kind extends ChallengeKind>(
      kind: Kind,
      { tenant, person }: { readonly tenant: string; readonly person?: string },
    ) {
      const filter = { kind, tenant, ...(person !== undefined && { person }), ...inTime() };
      const found = await collection.find(filter).sort({ createdAt: 1 }).toArray();
      const all = await Promise.all(found.map((one) => opened<Kind>(one)));
      return all.filter((one) => one !== undefined);
    },
    async begunBy(tenant, person) {
      const which = { tenant, $or: [{ person }, { kind: 'invitation' as const }], ...inTime() };
      const found = await collection.find(which).sort({ createdAt: 1 }).toArray();
      const all = await Promise.all(found.map((one) => opened(one)));
      return all.filter(
        (one) =>
          one !== undefined &&
          (one.person === person || ('by' in one.content && one.content.by === person)),
      ) as Challenge[];
    },
    isForeign: async (kind, tenant, id) =>
      (await collection.findOne({ _id: id, kind, tenant: { $ne: tenant } })) !== null,
    async approve({ id, tenant }) {
      const dueAt = clock.now() + lostFactorWaiting;
      const { modifiedCount } = await access.run(tenant, 'write', () =>
        collection.updateOne(
          { _id: id, kind: 'lost-factor', dueAt: { $exists: false }, ...inTime() },
          { $set: { dueAt, expiresAt: dueAt + replaceableFor } },
        ),
      );
      return modifiedCount === 1 ? dueAt : undefined;
    },
    async drop(person, kinds) {
      await collection.deleteMany({
        person,
        ...(kinds !== undefined && { kind: { $in: [...kinds] } }),
      });
    },
    async dropLater({ kind, person, createdAt }) {
      if (person === undefined) return;
      await collection.deleteMany({ kind, person, createdAt: { $gt: createdAt } });
    },
    async dropExpired() {
      await collection.deleteMany({ expiresAt: { $lte: clock.now() } });
    },
    async oldest() {
      return (await collection.findOne({}, { sort: { createdAt: 1 } }))?.createdAt;
    },
    async purge(tenant) {
      return (await collection.deleteMany({ $or: [{ tenant }, { opens: tenant }] })).deletedCount;
    },
  };
}
