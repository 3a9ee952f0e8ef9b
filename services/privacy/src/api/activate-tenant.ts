import { internalApis } from '@mysmtp/contracts';
import { implement, type Route } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { activateTenant } from '../tenants/activate.ts';

export function activateTenantRoute(
  means: Parameters<typeof activateTenant>[1] & { log: Logger },
): Route {
  return implement(
    internalApis.activateTenant,
    'Makes the key of a new tenant; a tenant that is known keeps its state',
    async ({ tenant }) => {
      const state = await activateTenant(tenant, means);
      means.log.info('tenant.activated', { tenant, status: state });
      return { state };
    },
  );
}
