import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access, Principal, RouteDefinition, TokenPrincipal } from '@mysmtp/api';
import type { TenantStatus } from '@mysmtp/contracts';
import type { CallerVerifier } from './trust/trust.ts';
import { Problem, problems } from './problem.ts';

/**
 * Finds the principal by the hash of the token. Throws a 503 problem while its projection is not ready,
 * because a refusal could then be wrong.
 */
export type TokenLookup = (
  hash: string,
) => TokenPrincipal | undefined | Promise<TokenPrincipal | undefined>;

/** What decides about the requests of a tenant, beside the permissions of the principal. */
export interface Account {
  readonly status: TenantStatus;
  /** Requests that the tenant may make in this process in a minute. */
  readonly requests: number;
}

/** Finds a tenant; `undefined` if it is unknown. */
export type AccountLookup = (tenant: string) => Account | undefined | Promise<Account | undefined>;

/**
 * Throws the problem of a tenant that is suspended or restricted. Its own principals may only read, and use
 * the routes that say so. Principals of the operator are not concerned.
 */
export function refuseStopped(route: RouteDefinition, account: Account | undefined): void {
  if (account === undefined || account.status === 'active') return;
  if (route.method === 'get' || route.whileStopped === true) return;
  throw new Problem(account.status);
}

/** SHA-256 of a bearer token, base64url: stored and compared instead of the token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** The caller; `undefined` if there is no token or an invalid one. */
export async function authenticate(
  access: Access,
  request: IncomingMessage,
  deps: { readonly tokens: TokenLookup; readonly callers: CallerVerifier },
): Promise<Principal | undefined> {
  if ('public' in access) return { kind: 'public' };
  const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  if ('services' in access) {
    const service = await deps.callers.verify(token, request.socket.remoteAddress ?? '');
    return service === undefined ? undefined : { kind: 'service', id: service };
  }
  return deps.tokens(hashToken(token));
}

/** Throws a 403 problem if this principal has no permission. */
export function authorize(access: Access, principal: Principal): void {
  if (!isAllowed(access, principal)) throw problems.forbidden();
}

function isAllowed(access: Access, principal: Principal): boolean {
  if ('public' in access) return true;
  if ('services' in access) {
    return principal.kind === 'service' && access.services.includes(principal.id);
  }
  if (principal.kind !== 'token' || !principal.permissions.has(access.permission)) return false;
  return access.ofTenant !== true || principal.tenant !== null;
}
