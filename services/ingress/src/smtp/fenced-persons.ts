import { TenantUnavailable } from '@mysmtp/contracts';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';

/**
 * Whether this person is being erased in the data of the tenant. If the key is not cached, the answer is no:
 * the message is checked again before it is published.
 */
export function isPersonFenced(
  tenants: Pick<Tenants, 'run' | 'personFences'>,
  tenant: string,
  address: string,
): boolean {
  const fences = tenants.personFences(tenant);
  if (fences === undefined) return false;
  try {
    const keys = tenants.run(tenant, 'read', (scope) => scope.keys());
    if (!(keys instanceof Promise)) {
      return fences.of(Date.now(), addressIndex(keys.index, address)) !== undefined;
    }
    keys.catch(() => undefined);
  } catch (error) {
    // The whole tenant is fenced. That is checked elsewhere.
    if (!(error instanceof TenantUnavailable)) throw error;
  }
  return false;
}
