import { problems, type Caller } from '@mysmtp/http';
import type { Events } from '../events.ts';

/**
 * The tenant that a request is about: an owner's own, or the one that an operator names.
 * Anybody else's is not there for an owner, and the try is logged (ASVS 8.2.2).
 */
export function tenantFor(
  caller: Caller,
  named: string | undefined,
  place: { readonly route: string; readonly events: Events },
): string {
  if (caller.role !== 'owner') {
    if (named === undefined) {
      throw problems.invalid([{ path: 'tenant', message: 'An operator has to name the tenant' }]);
    }
    return named;
  }
  if (named !== undefined) ownOrNotFound({ tenant: named }, caller, place);
  return caller.tenant;
}

/** What was found, where the caller may have it; otherwise the answer is the same as for nothing. */
export function ownOrNotFound<Found extends { readonly tenant: string | null }>(
  found: Found | undefined,
  caller: Caller,
  { route, events }: { readonly route: string; readonly events: Events },
): Found {
  if (found === undefined) throw problems.notFound();
  if (caller.role === 'owner' && found.tenant !== caller.tenant) {
    events.foreignAccess(caller.tenant, route);
    throw problems.notFound();
  }
  return found;
}
