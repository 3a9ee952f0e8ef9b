import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { longestTokenLife } from '@mysmtp/api';
import { day } from '@mysmtp/contracts';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

/**
 * A bearer token: that of an owner acts for one tenant, that of an operator for none. Only its hash is
 * stored.
 */
export interface TokenDocument extends Versioned {
  readonly role: 'owner' | 'operator';
  readonly tenant: string | null;
  readonly hash: string;
  readonly createdAt: number;
  /** Name of an operator's token, which shows its holder or purpose; an owner's token has none. */
  readonly name?: string;
  /** When an operator's token expires, in milliseconds; an owner's token is valid until revoked. */
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
  .index({ reservedAt: 1 }, { sparse: true })
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

export const inDays = (days: number, now: number): number => now + days * day;

/**
 * When a token expires, in milliseconds; `undefined` for the token of an owner, which is valid until
 * revoked. A token of an operator from before expiry was introduced ends a year after its creation.
 */
export function endOf({
  role,
  createdAt,
  expiresAt,
}: Pick<TokenDocument, 'role' | 'createdAt' | 'expiresAt'>): number | undefined {
  return role === 'operator' ? (expiresAt ?? inDays(longestTokenLife, createdAt)) : undefined;
}
