import { randomBytes, randomUUID } from 'node:crypto';
import { hashToken, type Caller } from '@mysmtp/http';
import { living, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Events } from '../events.ts';
import type { TenantDocument } from '../tenants/model.ts';
import type { TokenDocument } from './model.ts';

export type TokenHolder =
  | { readonly role: 'owner'; readonly tenant: string }
  | { readonly role: 'operator'; readonly tenant: null };

/** What a list may show: never a secret. */
export interface Token {
  readonly id: string;
  readonly role: 'owner' | 'operator';
  readonly createdAt: string;
}

export interface Tokens {
  /** The only moment at which anybody sees the token: 256 bits, of which only the hash is kept. */
  create(holder: TokenHolder): Promise<{ readonly id: string; readonly token: string }>;
  /** The tokens of one tenant's owners, or the operators' with `null`. */
  list(tenant: string | null): Promise<Token[]>;
  find(id: string): Promise<{ readonly tenant: string | null } | undefined>;
  revoke(id: string): Promise<boolean>;
  /** Whose token has this hash. Reads the database each time, so a revoked one is refused at once everywhere. */
  lookUp(hash: string): Promise<Caller | undefined>;
}

export function createTokens(options: {
  readonly entity: Entity<TokenDocument>;
  readonly tenants: Entity<TenantDocument>;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly clock: { now(): number };
  readonly events: Events;
}): Tokens {
  const { entity, tenants, reader, writer, clock, events } = options;

  return {
    async create({ role, tenant }) {
      const id = randomUUID();
      const token = `mysmtp_${randomBytes(32).toString('base64url')}`;
      const hash = hashToken(token);
      await writer.insert(entity, { _id: id, role, tenant, hash, createdAt: clock.now() });
      events.tokenCreated(tenant, id);
      return { id, token };
    },
    async list(tenant) {
      return (await reader.list(entity, tenant)).map(({ _id: id, role, createdAt }) => ({
        id,
        role,
        createdAt: new Date(createdAt).toISOString(),
      }));
    },
    find: (id) => reader.find(entity, id),
    async revoke(id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.bury(entity, id))) return false;
      events.tokenRevoked(document.tenant, id);
      return true;
    },
    async lookUp(hash) {
      const found = await entity.collection.findOne({ hash, ...living });
      if (found === null) return undefined;
      const { role, tenant } = found;
      if (role === 'operator') return { role };
      if (tenant === null) return undefined;
      const holder = await reader.find(tenants, tenant);
      return holder === undefined ? undefined : { role, tenant };
    },
  };
}
