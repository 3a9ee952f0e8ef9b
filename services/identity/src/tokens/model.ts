import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { longestTokenLife } from '@mysmtp/api';
import { day } from '@mysmtp/contracts';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

/**
 * An API key: a tenant's, or an operator's without a tenant. Only its hash is stored. `restricted`: it has
 * scopes, or is limited to a domain or to networks.
 */
export interface TokenDocument extends Versioned {
  readonly role: 'owner' | 'operator' | 'restricted';
  readonly tenant: string | null;
  readonly hash: string;
  readonly createdAt: number;
  /** Who made it, as in the log; absent in older keys. */
  readonly by?: string;
  /** Name of an operator's key, which shows its holder or purpose; a tenant's key has none. */
  readonly name?: string;
  /** Name of a tenant's key, sealed, because it may name a person. */
  readonly label?: string;
  readonly scopes?: readonly string[];
  /** Id of the one domain to which it is limited. */
  readonly domain?: string;
  /** The networks from which it is accepted: a JSON array of CIDRs, sealed. */
  readonly networks?: string;
  /** Milliseconds. A tenant's key without it is valid until revoked. */
  readonly expiresAt?: number;
  /** Id of the person who created it, also by another key. Absent if no person did. */
  readonly createdBy?: string;
  /** Id of the key that replaces it. */
  readonly replacedBy?: string;
  /** Milliseconds. Written without a new version, because no other service gets it. */
  readonly lastUsedAt?: number;
}

const schema = new Schema(
  {
    ...versionedFields,
    role: String,
    tenant: String,
    hash: String,
    createdAt: Number,
    by: String,
    name: String,
    label: String,
    scopes: { type: [String], default: undefined },
    domain: String,
    networks: String,
    expiresAt: Number,
    createdBy: String,
    replacedBy: String,
    lastUsedAt: Number,
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ reservedAt: 1 }, { sparse: true })
  .index({ tenant: 1 })
  .index({ createdBy: 1 }, { sparse: true })
  .index({ hash: 1 }, { unique: true, sparse: true });

export async function openTokens(connection: Connection): Promise<Entity<TokenDocument>> {
  const model = connection.model('Token', schema, 'tokens');
  await openCollection(model);
  return defineEntity<TokenDocument>(model, {
    name: 'token',
    tenantOf: ({ tenant }) => tenant,
    stateOf: ({ role, tenant, hash, scopes, domain, expiresAt, networks }) => ({
      role,
      tenant,
      hash,
      ...(scopes === undefined ? undefined : { scopes: [...scopes] }),
      ...(domain === undefined ? undefined : { domain }),
      ...(expiresAt === undefined ? undefined : { expiresAt }),
      ...(networks === undefined ? undefined : { atIdentity: true }),
    }),
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
  if (expiresAt !== undefined) return expiresAt;
  return role === 'operator' ? inDays(longestTokenLife, createdAt) : undefined;
}
