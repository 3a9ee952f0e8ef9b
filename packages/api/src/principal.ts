import type { ServiceName, TokenState } from '@mysmtp/contracts';
import { permissionsOf, type Permission } from './permissions.ts';

/** Whoever holds a bearer token. */
export interface TokenPrincipal {
  readonly kind: 'token';
  /** Id of the token. */
  readonly id: string;
  /** The one tenant that it acts for; `null` if it acts for none and has to name one. */
  readonly tenant: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

/** Another service, which may call what the route's `services` say. */
export interface ServicePrincipal {
  readonly kind: 'service';
  readonly id: ServiceName;
}

/** Anybody, on a route that everybody may call. */
export interface PublicPrincipal {
  readonly kind: 'public';
}

/** Who asks. One that may write is an `Actor` of contracts: its kind and id stand in the log. */
export type Principal = TokenPrincipal | ServicePrincipal | PublicPrincipal;

/** Whose token it is. `undefined` for an owner's without a tenant, which there must not be. */
export function principalOf(
  id: string,
  { role, tenant }: Pick<TokenState, 'role' | 'tenant'>,
): TokenPrincipal | undefined {
  if (role === 'owner' && tenant === null) return undefined;
  return {
    kind: 'token',
    id,
    tenant: role === 'owner' ? tenant : null,
    permissions: permissionsOf(role),
  };
}
