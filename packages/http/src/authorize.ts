import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access, Principal, TokenPrincipal } from '@mysmtp/api';
import type { CallerVerifier } from './trust/trust.ts';
import { problems } from './problem.ts';

/**
 * Finds whose token it is by its hash. Throws a 503 problem while it cannot know (its projection is
 * not whole): a refusal then would be a lie.
 */
export type TokenLookup = (
  hash: string,
) => TokenPrincipal | undefined | Promise<TokenPrincipal | undefined>;

/** SHA-256 of a bearer token, base64url: what is stored and compared instead of it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Who asks; `undefined` if there is no token or not a good one. */
export async function authenticate(
  access: Access,
  request: IncomingMessage,
  means: { readonly tokens: TokenLookup; readonly callers: CallerVerifier },
): Promise<Principal | undefined> {
  if ('public' in access) return { kind: 'public' };
  const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  if ('services' in access) {
    const service = await means.callers.verify(token, request.socket.remoteAddress ?? '');
    return service === undefined ? undefined : { kind: 'service', id: service };
  }
  return means.tokens(hashToken(token));
}

/** Throws a 403 problem if this principal may not. */
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
