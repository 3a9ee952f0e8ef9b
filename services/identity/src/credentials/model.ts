import type { LegalBasis } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';
import { noticedFields, type Noticed } from '../entities/noticed.ts';

/** What the customer has set; `null` if it has removed the value. Texts and lists are sealed. */
export interface SettingFields {
  /** A label may be a person's name. */
  readonly label?: string | null;
  readonly senders?: string | null;
  readonly senderIndexes?: readonly string[] | null;
  readonly networks?: string | null;
  readonly sandbox?: boolean;
  readonly expiresAt?: number | null;
  readonly purpose?: string | null;
  readonly basis?: LegalBasis | null;
}

interface Common extends Versioned, SettingFields {
  readonly tenant: string;
  readonly createdAt: number;
  /** Who made it, as in the log; absent in older ones. */
  readonly by?: string;
  /** True while an operator has suspended it. */
  readonly suspended?: boolean;
  /** As reported by ingress; not a change for other services. Milliseconds, exact to about a minute. */
  readonly lastUsedAt?: number;
  /** When the last notice to its owner was sent that authentications with it are throttled. Milliseconds. */
  readonly throttledAt?: number;
  readonly noticed?: Noticed;
}

/** User name and secret are generated; only the hash of the secret is stored. */
export interface PasswordCredential extends Common {
  readonly kind: 'password';
  readonly username: string;
  readonly secretHash: string;
  /** The password before the last rotation, valid until that time (milliseconds). */
  readonly previous?: { readonly secretHash: string; readonly until: number };
}

/** A client that connects from this network (sealed) is this credential. */
export interface NetworkCredential extends Common {
  readonly kind: 'network';
  readonly cidr: string;
}

export type CredentialDocument = PasswordCredential | NetworkCredential;

const schema = new Schema(
  {
    ...versionedFields,
    tenant: String,
    kind: String,
    label: String,
    username: String,
    secretHash: String,
    cidr: String,
    createdAt: Number,
    by: String,
    suspended: Boolean,
    senders: String,
    senderIndexes: { type: [String], default: undefined },
    networks: String,
    sandbox: Boolean,
    expiresAt: Number,
    previous: { type: { _id: false, secretHash: String, until: Number }, default: undefined },
    purpose: String,
    basis: String,
    lastUsedAt: Number,
    throttledAt: Number,
    noticed: noticedFields('day', 'month', 'bounces'),
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ reservedAt: 1 }, { sparse: true })
  .index({ tenant: 1 })
  .index({ username: 1 }, { unique: true, sparse: true });

export async function openCredentials(connection: Connection): Promise<Entity<CredentialDocument>> {
  const model = connection.model('Credential', schema, 'credentials');
  await openCollection(model);
  return defineEntity<CredentialDocument>(model, {
    name: 'credential',
    tenantOf: ({ tenant }) => tenant,
    stateOf: (document) => {
      const { tenant, suspended } = document;
      const common = { tenant, ...(suspended === true && { suspended }) };
      return document.kind === 'password'
        ? {
            kind: document.kind,
            ...common,
            username: document.username,
            secretHash: document.secretHash,
            ...(document.previous && { previous: document.previous }),
            ...(document.networks && { networks: document.networks }),
            ...limitsOf(document),
          }
        : { kind: document.kind, ...common, cidr: document.cidr, ...limitsOf(document) };
    },
  });
}

const limitsOf = ({ senderIndexes, sandbox, expiresAt }: SettingFields) => ({
  ...(senderIndexes && { senders: [...senderIndexes] }),
  ...(sandbox === true && { sandbox }),
  ...(typeof expiresAt === 'number' && { expiresAt }),
});
