import { randomBytes, randomUUID } from 'node:crypto';
import { principalOf, type TokenPrincipal } from '@mysmtp/api';
import type { Actor } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import { isActive, type AnyEntity, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import { endOf, inDays, type TokenDocument } from './model.ts';

export type TokenHolder =
  | { readonly role: 'owner'; readonly tenant: string }
  | {
      readonly role: 'operator';
      readonly tenant: null;
      /** Default: made from the id. */
      readonly name?: string | undefined;
      /** Lifetime in days. */
      readonly days?: number | undefined;
    };

/** What a list may show; no secret. */
export interface Token {
  readonly id: string;
  readonly role: 'owner' | 'operator';
  readonly createdAt: string;
  /** Only for a token of an operator, like its expiry. */
  readonly name: string | null;
  readonly expiresAt: string | null;
}

export interface Tokens {
  /** Returns the token, 256 bits. It cannot be read again later: only its hash is stored. */
  create(
    actor: Actor,
    holder: TokenHolder,
  ): Promise<{ readonly id: string; readonly token: string }>;
  /** The tokens of one tenant's owners, or with `null` those of operators. */
  list(tenant: string | null): Promise<Token[]>;
  find(id: string): Promise<{ readonly tenant: string | null } | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
  /** Revokes expired tokens of operators, in every service. */
  revokeExpired(): Promise<void>;
  /**
   * The principal of the token with this hash. Reads the database each time, so that a revoked or expired
   * token is refused at once.
   */
  lookUp(hash: string): Promise<TokenPrincipal | undefined>;
}

/** Default lifetime of the token of an operator. Days. */
const usualLife = 90;

const expiry: Actor = { kind: 'job', id: 'expire-tokens' };

export function createTokens(deps: {
  readonly entity: Entity<TokenDocument>;
  readonly tenants: AnyEntity;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
}): Tokens {
  const { entity, tenants, reader, writer, clock, telemetry } = deps;

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
      telemetry.tokenCreated(actor, tenant, id);
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
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      telemetry.tokenRevoked(actor, document.tenant, id);
      return true;
    },
    async revokeExpired() {
      for await (const document of entity.collection.find({
        tenant: null,
        role: 'operator',
        ...isActive,
      })) {
        if (!isOver(document)) continue;
        if (await writer.deleteEntity(entity, document._id))
          telemetry.tokenExpired(expiry, document._id);
      }
    },
    async lookUp(hash) {
      const found = await entity.collection.findOne({ hash, ...isActive });
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
