import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  ruleOf,
  type Access,
  type AccountPrincipal,
  type Principal,
  type RouteDefinition,
} from '@mysmtp/api';
import { minute, sessionPrefix, type TenantStatus } from '@mysmtp/contracts';
import type { CallerVerifier } from './trust/trust.ts';
import { Problem, type Refusal } from './problem.ts';

/** What is known about a bearer token beside its hash. */
export interface Presented {
  /** Whether it is the token of a session, otherwise it is an API key. */
  readonly isSession: boolean;
  /** The IP address of the client. */
  readonly address: string;
}

/**
 * Finds the principal by the hash of the token. Throws a 503 problem if it cannot decide, because a refusal
 * could then be wrong.
 */
export type TokenLookup = (
  hash: string,
  presented: Presented,
) => AccountPrincipal | undefined | Promise<AccountPrincipal | undefined>;

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
  const address = request.socket.remoteAddress ?? '';
  if ('services' in access) {
    const service = await deps.callers.verify(token, address);
    return service === undefined ? undefined : { kind: 'service', id: service };
  }
  return deps.tokens(hashToken(token), { isSession: token.startsWith(sessionPrefix), address });
}

/** Milliseconds for which a second factor counts as fresh. */
const freshness = 5 * minute;

/**
 * Why this principal may not use a route; `undefined` if it may. `id`: the one in the path. `now`: in
 * milliseconds.
 */
export function refusalOf(
  access: Access,
  principal: Principal,
  { id, now }: { readonly id: unknown; readonly now: number },
): Refusal | undefined {
  if ('public' in access) return undefined;
  if ('services' in access) {
    const isCaller = principal.kind === 'service' && access.services.includes(principal.id);
    return isCaller ? undefined : 'service';
  }
  if (principal.kind !== 'token' && principal.kind !== 'person') return 'permission';
  if (!principal.permissions.has(access.permission)) return 'permission';
  if (access.ofTenant === true && principal.tenant === null) return 'realm';
  if (!isForDomain(access.ofDomain, principal, id)) return 'domain';
  const isFresh = ruleOf(access.permission).fresh !== true || hasFreshFactor(principal, now);
  return isFresh ? undefined : 'fresh-factor';
}

function isForDomain(
  ofDomain: 'path' | 'handler' | undefined,
  principal: AccountPrincipal,
  id: unknown,
): boolean {
  if (principal.kind !== 'token' || principal.domain === null) return true;
  return ofDomain === 'handler' || (ofDomain === 'path' && id === principal.domain);
}

/** An API key has no second factor: its scopes say what it may do. */
function hasFreshFactor(principal: AccountPrincipal, now: number): boolean {
  if (principal.kind === 'token') return true;
  return principal.factorAt !== null && now - principal.factorAt < freshness;
}
