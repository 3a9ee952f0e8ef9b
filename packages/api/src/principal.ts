import type { PrincipalAnswer, Role, ServiceName, TokenState } from '@mysmtp/contracts';
import type { Permission } from './access-table.ts';
import { knownPermissions, permissionsOfKey } from './permissions.ts';

interface Authenticated {
  /** The one tenant that it acts for; `null` if it acts for none and must name one: an operator. */
  readonly tenant: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

/** The holder of an API key. */
export interface TokenPrincipal extends Authenticated {
  readonly kind: 'token';
  /** Id of the key. */
  readonly id: string;
  /** The one domain to which the key is limited. */
  readonly domain: string | null;
}

/** A person with a session. */
export interface PersonPrincipal extends Authenticated {
  readonly kind: 'person';
  /** Id of the person. */
  readonly id: string;
  /** Id of the session. */
  readonly session: string;
  readonly role: Role;
  /** When the session last presented a second factor, in milliseconds; `null`: never. */
  readonly factorAt: number | null;
}

/** A principal with permissions: an API key or a person. */
export type AccountPrincipal = TokenPrincipal | PersonPrincipal;

/** Another service, which may call the routes that list it in `services`. */
export interface ServicePrincipal {
  readonly kind: 'service';
  readonly id: ServiceName;
}

/** An anonymous client, on a route for everybody. */
export interface PublicPrincipal {
  readonly kind: 'public';
}

/**
 * The authenticated caller. A principal with write access is an `Actor` of contracts: its kind and id are
 * logged.
 */
export type Principal = AccountPrincipal | ServicePrincipal | PublicPrincipal;

/** What the permissions of an API key depend on. */
interface KeyState extends Pick<TokenState, 'role' | 'tenant' | 'domain'> {
  readonly scopes?: readonly string[] | undefined;
}

/** The principal of an API key. `undefined` for an owner's key without a tenant, which is invalid. */
export function principalOf(id: string, state: KeyState): TokenPrincipal | undefined {
  const { role, domain = null } = state;
  if (role === 'owner' && state.tenant === null) return undefined;
  const tenant = role === 'operator' ? null : state.tenant;
  const permissions = permissionsOfKey({ ...state, tenant });
  return { kind: 'token', id, tenant, permissions, domain };
}

/** The principal in an answer of identity. */
export function principalFrom(
  principal: NonNullable<PrincipalAnswer['principal']>,
): AccountPrincipal {
  return { ...principal, permissions: knownPermissions(principal.permissions) };
}

/** A key never has more permissions than its creator: a principal of the same realm. */
export const mayGrant = (
  principal: AccountPrincipal,
  key: Pick<KeyState, 'tenant' | 'scopes'>,
): boolean =>
  principal.tenant === key.tenant &&
  [...permissionsOfKey(key)].every((permission) => principal.permissions.has(permission));
