import { randomBytes, randomUUID } from 'node:crypto';
import {
  contains,
  permissionsOfKey,
  principalOf,
  type AccountPrincipal,
  type Permission,
  type TokenPrincipal,
} from '@mysmtp/api';
import { actorText, hour, operatorRealm, type Actor } from '@mysmtp/contracts';
import { hashToken } from '@mysmtp/http';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import { refuseWider, type Bounds } from '../entities/bounds.ts';
import { isActive, type AnyEntity, type Entity } from '../entities/entity.ts';
import type { Reader } from '../entities/reader.ts';
import type { Writer } from '../entities/writer.ts';
import type { Telemetry } from '../telemetry.ts';
import { endOf, inDays, type TokenDocument } from './model.ts';

/** The limits of a key. Each is optional. */
interface Limits {
  /** Without: all permissions of its role. */
  readonly scopes?: readonly Permission[] | undefined;
  /** Lifetime in days. */
  readonly days?: number | undefined;
  /** Networks (CIDR) from which it is accepted. */
  readonly networks?: readonly string[] | undefined;
}

export type TokenHolder = Limits &
  (
    | {
        readonly role: 'owner';
        readonly tenant: string;
        readonly label?: string | undefined;
        /** Id of the one domain of the tenant to which it is limited. */
        readonly domain?: string | undefined;
        /** The creator gives it to the tenant, so it does not end with the creator. */
        readonly isGiven?: true;
      }
    | {
        readonly role: 'operator';
        readonly tenant: null;
        /** Default: made from the id. */
        readonly name?: string | undefined;
      }
  );

/** What a list may show; no secret. */
export interface Token {
  readonly id: string;
  readonly role: 'owner' | 'operator';
  readonly createdAt: string;
  /** Of a key of an operator. */
  readonly name: string | null;
  /** Of a key of a tenant. */
  readonly label: string | null;
  /** `null`: all permissions of its role. */
  readonly scopes: Permission[] | null;
  readonly domain: string | null;
  readonly networks: string[] | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  /** Id of a person. */
  readonly createdBy: string | null;
}

/** The tenant has as many keys as its limit allows. */
export class KeyLimitError extends Error {
  constructor(most: number, what: string) {
    super(`The limit of API keys ${what} (${String(most)}) is reached`);
    this.name = 'KeyLimitError';
  }
}

/** A new key, 256 bits. It cannot be read again later: only its hash is stored. */
interface NewToken {
  readonly id: string;
  readonly token: string;
}

interface Rotated extends NewToken {
  readonly replaces: { readonly id: string; readonly expiresAt: string };
}

export interface Tokens {
  /**
   * Throws a `WiderThanCreatorError` if the key would be wider than these bounds, and a `KeyLimitError` if the
   * tenant has `most` keys.
   */
  create(actor: Actor, holder: TokenHolder, bounds?: Bounds, most?: number): Promise<NewToken>;
  /**
   * Creates a key with the same limits and the same lifetime, which ends no later than the bounds. The key
   * itself ends after so many hours, or earlier. `replaced` if it has a successor already, `undefined` if
   * there is no such key. Throws a `WiderThanCreatorError` if the key is wider than the bounds, and a
   * `KeyLimitError` if the tenant has `most` keys that have a successor.
   */
  rotate(
    actor: Actor,
    id: string,
    hours: number,
    bounds?: Bounds,
    most?: number,
  ): Promise<Rotated | 'replaced' | undefined>;
  /**
   * The bounds of what this principal creates. A person has none beside the permissions. `undefined` for a key
   * that has been revoked since.
   */
  boundsOf(principal: AccountPrincipal): Promise<Bounds | undefined>;
  /** The keys of one tenant, or with `null` those of operators. */
  list(tenant: string | null): Promise<Token[]>;
  /** Those that this actor has made. */
  listBy(tenant: string | null, actor: Actor): Promise<Token[]>;
  find(id: string): Promise<Pick<TokenDocument, 'tenant' | 'scopes'> | undefined>;
  revoke(actor: Actor, id: string): Promise<boolean>;
  /**
   * Revokes the keys that a person has created, in every service. Those with no other permissions than `kept`
   * stay.
   */
  revokeCreatedBy(actor: Actor, person: string, kept?: ReadonlySet<Permission>): Promise<void>;
  /** The ids of the people who have created a key. */
  creators(): Promise<string[]>;
  /** Revokes expired keys, in every service. */
  revokeExpired(): Promise<void>;
  /**
   * The principal of the key with this hash, presented from this IP address. Reads the database each time,
   * so that a revoked or expired key is refused at once.
   */
  lookUp(hash: string, address: string): Promise<TokenPrincipal | undefined>;
}

/** Default lifetime of the token of an operator. Days. */
const usualLife = 90;

const expiry: Actor = { kind: 'job', id: 'expire-tokens' };

const fieldPath = (id: string, field: 'label' | 'networks') => `tokens:${id}:${field}` as const;

export function createTokens(deps: {
  readonly entity: Entity<TokenDocument>;
  readonly tenants: AnyEntity;
  readonly reader: Reader;
  readonly writer: Writer;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
  readonly telemetry: Telemetry;
  /** Has privacy make the keys of a tenant; idempotent. */
  readonly activate: (tenant: string) => Promise<void>;
}): Tokens {
  const { entity, tenants, reader, writer, fields, clock, telemetry } = deps;

  const isOver = (document: TokenDocument): boolean => {
    const end = endOf(document);
    return end !== undefined && end <= clock.now();
  };

  const networksOf = async ({ _id, tenant, networks }: TokenDocument) =>
    networks === undefined
      ? undefined
      : (JSON.parse(
          await fields.open(tenant ?? operatorRealm, fieldPath(_id, 'networks'), networks),
        ) as string[]);

  const labelOf = async ({ _id, tenant, label }: TokenDocument) =>
    tenant === null || label === undefined
      ? undefined
      : fields.open(tenant, fieldPath(_id, 'label'), label);

  async function sealedNetworks(id: string, tenant: string | null, networks: readonly string[]) {
    if (tenant === null) await deps.activate(operatorRealm);
    const text = JSON.stringify(networks);
    return fields.seal(tenant ?? operatorRealm, fieldPath(id, 'networks'), text);
  }

  const countOf = (tenant: string | null, isReplaced: boolean): Promise<number> =>
    entity.collection.countDocuments({
      tenant,
      replacedBy: { $exists: isReplaced },
      ...isActive,
    });

  /** A key of a key belongs to the same person. */
  async function creatorOf({ kind, id }: Actor): Promise<string | undefined> {
    if (kind === 'person') return id;
    return kind === 'token' ? (await reader.find(entity, id))?.createdBy : undefined;
  }

  /** `expiresAt`: in place of a lifetime. */
  async function insert(
    actor: Actor,
    holder: TokenHolder,
    {
      createdAt,
      expiresAt,
    }: { readonly createdAt: number; readonly expiresAt: number | undefined },
  ): Promise<NewToken> {
    const { tenant, scopes, networks } = holder;
    const id = randomUUID();
    const token = `mysmtp_${randomBytes(32).toString('base64url')}`;
    const domain = holder.role === 'owner' ? holder.domain : undefined;
    const isGiven = holder.role === 'owner' && holder.isGiven === true;
    const createdBy = isGiven ? undefined : await creatorOf(actor);
    const isRestricted = [scopes, domain, networks].some((limit) => limit !== undefined);
    await writer.insert(entity, {
      _id: id,
      role: isRestricted ? 'restricted' : holder.role,
      tenant,
      hash: hashToken(token),
      createdAt,
      by: actorText(actor),
      ...(holder.role === 'operator'
        ? { name: holder.name ?? `operator-${id.slice(0, 8)}` }
        : holder.label === undefined
          ? undefined
          : { label: await fields.seal(holder.tenant, fieldPath(id, 'label'), holder.label) }),
      ...(scopes === undefined ? undefined : { scopes }),
      ...(domain === undefined ? undefined : { domain }),
      ...(networks === undefined
        ? undefined
        : { networks: await sealedNetworks(id, tenant, networks) }),
      ...(expiresAt === undefined ? undefined : { expiresAt }),
      ...(createdBy === undefined ? undefined : { createdBy }),
    });
    return { id, token };
  }

  async function create(
    actor: Actor,
    holder: TokenHolder,
    bounds: Bounds = {},
    most = Infinity,
  ): Promise<NewToken> {
    const { tenant, days, networks } = holder;
    const createdAt = clock.now();
    // Nobody has asked for the default lifetime, so it is no reason to refuse.
    const usual =
      tenant === null
        ? Math.min(inDays(usualLife, createdAt), bounds.endsAt ?? Infinity)
        : undefined;
    const expiresAt = days === undefined ? usual : inDays(days, createdAt);
    refuseWider(bounds, { networks, endsAt: expiresAt }, 'days');
    const limit = new KeyLimitError(most, 'of this account');
    if ((await countOf(tenant, false)) >= most) throw limit;
    const made = await insert(actor, holder, { createdAt, expiresAt });
    // Others may have created one at the same time.
    if ((await countOf(tenant, false)) > most) {
      await writer.deleteEntity(entity, made.id);
      throw limit;
    }
    telemetry.tokenCreated(actor, tenant, made.id);
    return made;
  }

  /** The holder of a key that is to have the same limits. */
  async function holderOf(document: TokenDocument): Promise<TokenHolder> {
    const { tenant, name, domain } = document;
    const limits = {
      scopes: document.scopes as Permission[] | undefined,
      networks: await networksOf(document),
    };
    if (tenant === null) return { role: 'operator', tenant, name, ...limits };
    return { role: 'owner', tenant, domain, label: await labelOf(document), ...limits };
  }

  async function show(document: TokenDocument): Promise<Token> {
    return {
      id: document._id,
      role: document.tenant === null ? 'operator' : 'owner',
      createdAt: new Date(document.createdAt).toISOString(),
      name: document.name ?? null,
      label: (await labelOf(document)) ?? null,
      scopes: document.scopes === undefined ? null : ([...document.scopes] as Permission[]),
      domain: document.domain ?? null,
      networks: (await networksOf(document)) ?? null,
      expiresAt: isoOf(endOf(document)),
      lastUsedAt: isoOf(document.lastUsedAt),
      createdBy: document.createdBy ?? null,
    };
  }

  return {
    create,
    async rotate(actor, id, hours, bounds = {}, most = Infinity) {
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      if (document.replacedBy !== undefined) return 'replaced';
      const holder = await holderOf(document);
      const endsAt = endOf(document);
      refuseWider(bounds, { networks: holder.networks, endsAt }, 'expiresAt');
      if ((await countOf(document.tenant, true)) >= most) {
        throw new KeyLimitError(most, 'that are being replaced');
      }
      const createdAt = clock.now();
      const made = await insert(actor, holder, {
        createdAt,
        expiresAt:
          endsAt === undefined
            ? undefined
            : Math.min(createdAt + endsAt - document.createdAt, bounds.endsAt ?? Infinity),
      });
      const end = createdAt + hours * hour;
      const expiresAt = Math.min(endsAt ?? end, end);
      const changes = { expiresAt, replacedBy: made.id };
      if (!(await writer.change(entity, id, changes, { replacedBy: { $exists: false } }))) {
        // Revoked or rotated at the same moment.
        await writer.deleteEntity(entity, made.id);
        return 'replaced';
      }
      telemetry.tokenCreated(actor, document.tenant, made.id);
      telemetry.tokenRotated(actor, document.tenant, id);
      return { ...made, replaces: { id, expiresAt: new Date(expiresAt).toISOString() } };
    },
    async boundsOf({ kind, id }) {
      if (kind === 'person') return {};
      const document = await reader.find(entity, id);
      if (document === undefined) return undefined;
      return { networks: await networksOf(document), endsAt: endOf(document) };
    },
    async list(tenant) {
      return Promise.all((await reader.list(entity, tenant)).map(show));
    },
    async listBy(tenant, actor) {
      const all = await reader.list(entity, tenant);
      return Promise.all(all.filter(({ by }) => by === actorText(actor)).map(show));
    },
    find: (id) => reader.find(entity, id),
    async revoke(actor, id) {
      const document = await reader.find(entity, id);
      if (document === undefined || !(await writer.deleteEntity(entity, id))) return false;
      telemetry.tokenRevoked(actor, document.tenant, id);
      return true;
    },
    async revokeCreatedBy(actor, person, kept) {
      for await (const document of entity.collection.find({ createdBy: person, ...isActive })) {
        const { _id: id, tenant, scopes } = document;
        const own = permissionsOfKey({ tenant, scopes });
        if (kept !== undefined && [...own].every((one) => kept.has(one))) continue;
        if (await writer.deleteEntity(entity, id)) telemetry.tokenRevoked(actor, tenant, id);
      }
    },
    async creators() {
      const found = await entity.collection.distinct('createdBy', { createdBy: { $gt: '' } });
      return found.filter((id) => id !== undefined);
    },
    async revokeExpired() {
      const expired = { expiresAt: { $lte: clock.now() } };
      // From before expiry was introduced.
      const old = { role: 'operator', expiresAt: { $exists: false } } as const;
      for await (const document of entity.collection.find({ $or: [expired, old], ...isActive })) {
        if (!isOver(document)) continue;
        if (await writer.deleteEntity(entity, document._id))
          telemetry.tokenExpired(expiry, document.tenant, document._id);
      }
    },
    async lookUp(hash, address) {
      const found = await entity.collection.findOne({ hash, ...isActive });
      if (found === null || isOver(found)) return undefined;
      const principal = principalOf(found._id, found);
      if (principal === undefined) return undefined;
      const { tenant } = principal;
      if (tenant !== null && (await reader.find(tenants, tenant)) === undefined) return undefined;
      const networks = await networksOf(found);
      if (networks === undefined || networks.some((cidr) => contains(cidr, address))) {
        return principal;
      }
      telemetry.tokenFromElsewhere(tenant, found._id);
      return undefined;
    },
  };
}

const isoOf = (time: number | undefined) =>
  time === undefined ? null : new Date(time).toISOString();
