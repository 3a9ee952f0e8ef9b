import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CallerVerifier } from './trust/trust.ts';
import { problems } from './problem.ts';
import type { Access, Caller } from './route.ts';

/**
 * Finds whose token it is by its hash. Throws a 503 problem while it cannot know (its projection is
 * not whole): a refusal then would be a lie.
 */
export type TokenLookup = (hash: string) => Caller | undefined | Promise<Caller | undefined>;

/** SHA-256 of a bearer token, base64url: what is stored and compared instead of it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * Who calls, if the route lets them; a 401 or 403 problem otherwise. `known` hears who it is before it
 * is known whether they may.
 */
export async function authorize(
  access: Access,
  request: IncomingMessage,
  means: { readonly tokens: TokenLookup; readonly callers: CallerVerifier },
  known: (caller: Caller) => void,
): Promise<Caller> {
  if ('public' in access) return { role: 'public' };
  const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw problems.unauthenticated();
  if ('services' in access) {
    const service = await means.callers.verify(token, request.socket.remoteAddress ?? '');
    if (service === undefined) throw problems.unauthenticated();
    known({ role: 'service', service });
    if (!access.services.includes(service)) throw problems.forbidden();
    return { role: 'service', service };
  }
  const caller = await means.tokens(hashToken(token));
  if (caller === undefined) throw problems.unauthenticated();
  known(caller);
  if (caller.role !== 'owner' && caller.role !== 'operator') throw problems.forbidden();
  if (!access.roles.includes(caller.role)) throw problems.forbidden();
  return caller;
}
