import { randomBytes, randomUUID } from 'node:crypto';
import { principalOf, type TokenPrincipal } from '@mysmtp/api';
import type { Actor } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { living, type AnyEntity, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Events } from '../events.ts';
import { endOf, inDays, usualLife } from './expiry.ts';
import type { TokenDocument } from './model.ts';

export type TokenHolder =
  | { readonly role: 'owner'; readonly tenant: string }
  | {
      readonly role: 'operator';
      readonly tenant: null;
      /** Unless given, one of the id's. */
      readonly name?: string | undefined;
      /** Days that it lives. */
      readonly days?: number | undefined;
    };

/** What a list may show: never a secret. */
export interface Token {
  readonly id: string;
  readonly role: 'owner' | 'operator';
  readonly createdAt: string;
  /** Of an operator's only, as is its end. */
  readonly name: string | null;
  readonly expiresAt: string | null;
}

export interface Tokens {
  /** The only moment at which anybody sees the token: 256 bits, of which only the hash is kept. */
  create(
    actor: Actor,
    holder: TokenHolder,
  ): Promise<{ readonly id: string; readonly token: string }>;
  /** The tokens of one tenant's owners, or the operators' with `null`. */
  list(tenant: string | null): Promise<Token[]>;
  find(id: string): Promise<{ readonly tenant: string | null } | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
  /** Revokes operators' tokens that have expired, in every service. */
  revokeExpired(): Promise<void>;
  /**
   * Whose token has this hash. Reads the database each time, so one that is revoked or has expired is
   * refused at once.
   */
  lookUp(hash: string): Promise<TokenPrincipal | undefined>;
}

const expiry: Actor = { kind: 'job', id: 'expire-tokens' };

export function createTokens(options: {
  readonly entity: Entity<TokenDocument>;
  readonly tenants: AnyEntity;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: { now(): number };
  readonly events: Events;
}): Tokens {
  const { entity, tenants, reader, writer, clock, events } = options;

  const isOver = (document: TokenDocument): boolean => {
    const end = endOf(document);
    return end !== undefined && end <= clock.now();
  };

  return {
    async create(actor, holder) {
      const { role, tenant } = holder;
      const id = randomUUID();
      const token = `mysmtp_${randomBytes(32).toString('base64url')}`;
      const hash = hashToken(token);
      const createdAt = clock.now();
      const ofOperator =
        holder.role === 'operator'
          ? {
              name: holder.name ?? `operator-${id.slice(0, 8)}`,
              expiresAt: inDays(holder.days ?? usualLife, createdAt),
            }
          : undefined;
      await writer.insert(entity, { _id: id, role, tenant, hash, createdAt, ...ofOperator });
      events.tokenCreated(actor, tenant, id);
      return { id, token };
    },
    async list(tenant) {
      return (await reader.list(entity, tenant)).map((document) => ({
        id: document._id,
        role: document.role,
        createdAt: new Date(document.createdAt).toISOString(),
        name: document.name ?? null,
        expiresAt: isoOf(endOf(document)),
      }));
    },
    find: (id) => reader.find(entity, id),
    async revoke(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.bury(entity, id))) return false;
      events.tokenRevoked(actor, document.tenant, id);
      return true;
    },
    async revokeExpired() {
      for await (const document of entity.collection.find({
        tenant: null,
        role: 'operator',
        ...living,
      })) {
        if (!isOver(document)) continue;
        if (await writer.bury(entity, document._id)) events.tokenExpired(expiry, document._id);
      }
    },
    async lookUp(hash) {
      const found = await entity.collection.findOne({ hash, ...living });
      if (found === null || isOver(found)) return undefined;
      const principal = principalOf(found._id, found);
      const tenant = principal?.tenant ?? null;
      if (tenant === null) return principal;
      return (await reader.find(tenants, tenant)) === undefined ? undefined : principal;
    },
  };
}

const isoOf = (time: number | undefined) =>
  time === undefined ? null : new Date(time).toISOString();
