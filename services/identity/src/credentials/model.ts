import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

interface Common extends Versioned {
  readonly tenant: string;
  /** Sealed, because a label may be a person's name. */
  readonly label?: string;
  readonly createdAt: number;
  /** Milliseconds. Written without a new version, because no other service sees it. */
  readonly lastUsedAt?: number;
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
    lastUsedAt: Number,
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
    stateOf: (document) =>
      document.kind === 'password'
        ? {
            kind: document.kind,
            tenant: document.tenant,
            username: document.username,
            secretHash: document.secretHash,
          }
        : { kind: document.kind, tenant: document.tenant, cidr: document.cidr },
  });
}
