import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

/** A bearer token: an owner's acts for one tenant, an operator's for none. Only its hash is kept. */
export interface TokenDocument extends Versioned {
  readonly role: 'owner' | 'operator';
  readonly tenant: string | null;
  readonly hash: string;
  readonly createdAt: number;
  /** What an operator's is called, so that others know whose or what for it is; owners' have none. */
  readonly name?: string;
  /** When an operator's ends, in milliseconds; owners' live until they are revoked. */
  readonly expiresAt?: number;
}

const schema = new Schema(
  {
    ...versionedFields,
    role: String,
    tenant: String,
    hash: String,
    createdAt: Number,
    name: String,
    expiresAt: Number,
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ claimedAt: 1 }, { sparse: true })
  .index({ tenant: 1 })
  .index({ hash: 1 }, { unique: true, sparse: true });

export async function openTokens(connection: Connection): Promise<Entity<TokenDocument>> {
  const model = connection.model('Token', schema, 'tokens');
  await openCollection(model);
  return defineEntity<TokenDocument>(model, {
    name: 'token',
    tenantOf: ({ tenant }) => tenant,
    stateOf: ({ role, tenant, hash }) => ({ role, tenant, hash }),
  });
}
