import type { AccountPrincipal } from '@mysmtp/api';
import { problems } from '@mysmtp/http';
import type { Bounds } from '../entities/bounds.ts';
import type { Stores } from '../stores.ts';

/**
 * The tenant of a request: the one that the principal acts for, or the one that the request names. An
 * owner gets 404 for every other tenant, and the attempt is logged (ASVS 8.2.2).
 */
export function tenantFor(principal: AccountPrincipal, named: string | undefined): string {
  if (principal.tenant === null) {
    if (named === undefined) {
      throw problems.invalid([{ path: 'tenant', message: 'An operator must name the tenant' }]);
    }
    return named;
  }
  if (named !== undefined) ownOrNotFound({ tenant: named }, principal);
  return principal.tenant;
}

/** The entity, if the principal may see it. Otherwise the answer is the same as for an unknown id. */
export function ownOrNotFound<Found extends { readonly tenant: string | null }>(
  found: Found | undefined,
  principal: AccountPrincipal,
): Found {
  if (found === undefined) throw problems.notFound();
  if (principal.tenant !== null && found.tenant !== principal.tenant) {
    throw problems.hidden('foreign');
  }
  return found;
}

/** The bounds of what the principal creates or changes. */
export async function boundsOf(
  { tokens }: Pick<Stores, 'tokens'>,
  principal: AccountPrincipal,
): Promise<Bounds> {
  const bounds = await tokens.boundsOf(principal);
  if (bounds === undefined) throw problems.unauthenticated();
  return bounds;
}

/**
 * Refuses a limited key what gives a person access, because a person has no networks, and in a tenant no end.
 * Each key of an operator ends, so its end does not count.
 */
export async function refuseLimitedKey(
  stores: Pick<Stores, 'tokens'>,
  principal: AccountPrincipal,
): Promise<void> {
  const { networks, endsAt } = await boundsOf(stores, principal);
  const isLimited = networks !== undefined || (endsAt !== undefined && principal.tenant !== null);
  if (isLimited) throw problems.hidden('permission');
}
