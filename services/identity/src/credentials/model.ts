import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

interface Common extends Versioned {
  readonly tenant: string;
  /** Sealed, because a label may be a person's name. */
  readonly label?: string;
  readonly createdAt: number;
  /** True while an operator has suspended it. */
  readonly suspended?: boolean;
}

/** User name and secret are generated; only the hash of the secret is stored. */
export interface PasswordCredential extends Common {
  readonly kind: 'password';
  readonly username: string;
  readonly secretHash: string;
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
    suspended: Boolean,
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
          }
        : { kind: document.kind, ...common, cidr: document.cidr };
    },
  });
}
