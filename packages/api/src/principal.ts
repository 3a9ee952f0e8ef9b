import type { ServiceName, TokenState } from '@mysmtp/contracts';
import { permissionsOf, type Permission } from './permissions.ts';

/** The holder of a bearer token. */
export interface TokenPrincipal {
  readonly kind: 'token';
  /** Id of the token. */
  readonly id: string;
  /** The one tenant that it acts for; `null` if it acts for none and must name one. */
  readonly tenant: string | null;
  readonly permissions: ReadonlySet<Permission>;
}

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
export type Principal = TokenPrincipal | ServicePrincipal | PublicPrincipal;

/** The principal of a token. `undefined` for an owner's token without a tenant, which is invalid. */
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
