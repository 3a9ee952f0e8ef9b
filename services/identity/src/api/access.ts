import type { TokenPrincipal } from '@mysmtp/api';
import { problems } from '@mysmtp/http';
import type { Events } from '../events.ts';

/**
 * The tenant that a request is about: the one that the principal acts for, or the one that it names.
 * Anybody else's is not there for an owner, and the try is logged (ASVS 8.2.2).
 */
export function tenantFor(
  principal: TokenPrincipal,
  named: string | undefined,
  place: { readonly route: string; readonly events: Events },
): string {
  if (principal.tenant === null) {
    if (named === undefined) {
      throw problems.invalid([{ path: 'tenant', message: 'An operator has to name the tenant' }]);
    }
    return named;
  }
  if (named !== undefined) ownOrNotFound({ tenant: named }, principal, place);
  return principal.tenant;
}

/** What was found, if the principal may have it; otherwise the answer is the same as for nothing. */
export function ownOrNotFound<Found extends { readonly tenant: string | null }>(
  found: Found | undefined,
  principal: TokenPrincipal,
  { route, events }: { readonly route: string; readonly events: Events },
): Found {
  if (found === undefined) throw problems.notFound();
  if (principal.tenant !== null && found.tenant !== principal.tenant) {
    events.foreignAccess(principal.tenant, route);
    throw problems.notFound();
  }
  return found;
}
