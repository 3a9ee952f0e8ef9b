import { randomBytes, randomUUID } from 'node:crypto';
import type { Gate } from '@mysmtp/erasure';
import { hashToken, type Caller } from '@mysmtp/http';
import { living, type Entity } from '../entities/entity.ts';
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
  readonly writer: Writer;
  readonly clock: { now(): number };
  readonly gate: Pick<Gate, 'closedFor'>;
  readonly events: Events;
}): Tokens {
  const { entity, tenants, writer, clock, gate, events } = options;

  async function findLiving(id: string): Promise<TokenDocument | undefined> {
    return (await entity.collection.findOne({ _id: id, ...living })) ?? undefined;
  }

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
      const documents = await entity.collection.find({ tenant, ...living }).toArray();
      return documents
        .toSorted((a, b) => a.createdAt - b.createdAt)
        .map(({ _id: id, role, createdAt }) => ({
          id,
          role,
          createdAt: new Date(createdAt).toISOString(),
        }));
    },
    find: findLiving,
    async revoke(id) {
      const document = await findLiving(id);
      if (document === undefined || !(await writer.bury(entity, id))) return false;
      events.tokenRevoked(document.tenant, id);
      return true;
    },
    async lookUp(hash) {
      const found = await entity.collection.findOne({ hash, ...living });
      if (found === null) return undefined;
      const { role, tenant } = found;
      if (role === 'operator') return { role };
      if (tenant === null || gate.closedFor(tenant) !== undefined) return undefined;
      const holder = await tenants.collection.findOne({ _id: tenant, ...living });
      return holder === null ? undefined : { role, tenant };
    },
  };
}
