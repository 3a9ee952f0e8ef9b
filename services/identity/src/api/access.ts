import type { AccountPrincipal } from '@mysmtp/api';
import { problems } from '@mysmtp/http';
import type { Telemetry } from '../telemetry.ts';

/**
 * The tenant of a request: the one that the principal acts for, or the one that the request names. An
 * owner gets 404 for every other tenant, and the attempt is logged (ASVS 8.2.2).
 */
export function tenantFor(
  principal: AccountPrincipal,
  named: string | undefined,
  fieldPath: { readonly route: string; readonly telemetry: Telemetry },
): string {
  if (principal.tenant === null) {
    if (named === undefined) {
      throw problems.invalid([{ path: 'tenant', message: 'An operator must name the tenant' }]);
    }
    return named;
  }
  if (named !== undefined) ownOrNotFound({ tenant: named }, principal, fieldPath);
  return principal.tenant;
}

/** The entity, if the principal may see it. Otherwise the answer is the same as for an unknown id. */
export function ownOrNotFound<Found extends { readonly tenant: string | null }>(
  found: Found | undefined,
  principal: AccountPrincipal,
  { route, telemetry }: { readonly route: string; readonly telemetry: Telemetry },
): Found {
  if (found === undefined) throw problems.notFound();
  if (principal.tenant !== null && found.tenant !== principal.tenant) {
    telemetry.foreignAccess(principal.tenant, route);
    throw problems.notFound();
  }
  return found;
}
