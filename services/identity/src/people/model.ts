import type { Role } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** The account of a person. Every text of a person is sealed under the account key of the realm, in base64. */
export interface PersonDocument {
  readonly _id: string;
  /** The realm: a tenant, or the operators' realm. */
  readonly tenant: string;
  readonly role: Role;
  readonly email: string;
  /** Unique in its realm. */
  readonly emailIndex: string;
  readonly name?: string;
  /** Argon2id hash, sealed. Absent until the person sets a password. */
  readonly password?: string;
  readonly totp?: {
    /** Sealed. */
    readonly secret: string;
    /** The last time step of which a code was used. */
    readonly step: number;
    readonly addedAt: number;
  };
  readonly passkeys: readonly PasskeyDocument[];
  /** SHA-256 of each unused recovery code. */
  readonly recoveryCodes: readonly string[];
  /** Wrong codes since a time in milliseconds. */
  readonly failures: { readonly count: number; readonly since: number };
  /** Blind indexes of the devices that signed in, each with its network; the latest last. */
  readonly devices: readonly string[];
  readonly createdAt: number;
  /**
   * When the address or the role of an owner changed (milliseconds). Removed once the tenant has the address.
   */
  readonly ownerSince?: number;
  /**
   * When the password, the address, a second factor or the subject at the sign-in provider last changed
   * (milliseconds). Not set by what makes a new account usable.
   */
  readonly changedAt?: number;
  /** When the last change of the address was undone (milliseconds). */
  readonly undoneAt?: number;
  /** Blind index of the person at the sign-in provider of the tenant: issuer and subject. */
  readonly providerSubject?: string;
}

export interface PasskeyDocument {
  readonly id: string;
  /** A `Passkey`, sealed as JSON. */
  readonly passkey: string;
  /** Sealed. */
  readonly label: string;
  readonly addedAt: number;
}

/**
 * `full`: after password and second factor. `enrol`: a new account that has no second factor yet.
 * `replace`: of a person who has lost the second factor, after a human's approval and the waiting time.
 */
export type SessionKind = 'full' | 'enrol' | 'replace';

export interface SessionDocument {
  readonly _id: string;
  readonly tenant: string;
  readonly person: string;
  readonly kind: SessionKind;
  /** SHA-256 of the token. */
  readonly hash: string;
  /** The device as it describes itself, sealed. */
  readonly device: string;
  /** When a second factor was presented last; absent if never. */
  readonly factorAt?: number;
  readonly createdAt: number;
  /** Written at most once a minute. */
  readonly usedAt: number;
}

export const challengeKinds = [
  'sign-up',
  'invitation',
  'sign-in',
  'step-up',
  'passkey',
  'totp',
  'password-reset',
  'email',
  'email-undo',
  'lost-factor',
  'provider',
] as const;
export type ChallengeKind = (typeof challengeKinds)[number];

/** Something that a person has begun and has not finished. With its secret it can be finished, once. */
export interface ChallengeDocument {
  readonly _id: string;
  readonly kind: ChallengeKind;
  readonly tenant: string;
  /** Absent while there is no account yet. */
  readonly person?: string;
  /** SHA-256 of the secret. */
  readonly hash: string;
  /** What is needed to finish it, sealed as JSON. */
  readonly content: string;
  readonly tries: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Of a lost factor that a human has approved: when it may be replaced. */
  readonly dueAt?: number;
  /** Of a link to an account: until when a request has it for itself. */
  readonly heldUntil?: number;
  /** Of a sign-up: the tenant that it makes. */
  readonly opens?: string;
}

const required = (type: NumberConstructor | StringConstructor) => ({ type, required: true });
const whole = { versionKey: false, _id: false } as const;

const people = new Schema(
  {
    _id: required(String),
    tenant: required(String),
    role: required(String),
    email: required(String),
    emailIndex: required(String),
    name: String,
    password: String,
    totp: new Schema({ secret: String, step: Number, addedAt: Number }, whole),
    passkeys: [new Schema({ id: String, passkey: String, label: String, addedAt: Number }, whole)],
    recoveryCodes: [String],
    failures: new Schema({ count: Number, since: Number }, whole),
    devices: [String],
    createdAt: required(Number),
    ownerSince: Number,
    changedAt: Number,
    undoneAt: Number,
    providerSubject: String,
  },
  { versionKey: false },
)
  .index({ tenant: 1, emailIndex: 1 }, { unique: true })
  .index({ ownerSince: 1 }, { sparse: true })
  .index({ 'passkeys.id': 1 }, { sparse: true })
  .index({ providerSubject: 1 }, { unique: true, sparse: true });

const sessions = new Schema(
  {
    _id: required(String),
    tenant: required(String),
    person: required(String),
    kind: required(String),
    hash: required(String),
    device: required(String),
    factorAt: Number,
    createdAt: required(Number),
    usedAt: required(Number),
  },
  { versionKey: false },
)
  .index({ hash: 1 }, { unique: true })
  .index({ person: 1 })
  .index({ tenant: 1 })
  .index({ createdAt: 1 });

const challenges = new Schema(
  {
    _id: required(String),
    kind: required(String),
    tenant: required(String),
    person: String,
    hash: required(String),
    content: required(String),
    tries: required(Number),
    createdAt: required(Number),
    expiresAt: required(Number),
    dueAt: Number,
    heldUntil: Number,
    opens: String,
  },
  { versionKey: false },
)
  .index({ hash: 1 }, { unique: true })
  .index({ tenant: 1, kind: 1 })
  .index({ opens: 1 }, { sparse: true })
  .index({ person: 1 }, { sparse: true })
  .index({ createdAt: 1 })
  .index({ expiresAt: 1 });

export interface PeopleCollections {
  readonly people: mongo.Collection<PersonDocument>;
  readonly sessions: mongo.Collection<SessionDocument>;
  readonly challenges: mongo.Collection<ChallengeDocument>;
}

export async function openPeople(connection: Connection): Promise<PeopleCollections> {
  const open = async (name: string, schema: Schema, collection: string): Promise<unknown> => {
    const model = connection.model(name, schema, collection);
    await openCollection(model);
    return model.collection;
  };
  return {
    people: (await open('Person', people, 'people')) as PeopleCollections['people'],
    sessions: (await open('Session', sessions, 'sessions')) as PeopleCollections['sessions'],
    challenges: (await open(
      'Challenge',
      challenges,
      'challenges',
    )) as PeopleCollections['challenges'],
  };
}
