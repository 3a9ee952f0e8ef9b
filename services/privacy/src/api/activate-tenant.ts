import type { privacyApi } from '@mysmtp/api';
import { actorText } from '@mysmtp/contracts';
import type { Handler } from '@mysmtp/http';
import type { Logger } from '@mysmtp/log';
import { activateTenant } from '../tenants/activate.ts';

export function activateTenantHandler(
  deps: Parameters<typeof activateTenant>[1] & { log: Logger },
): Handler<typeof privacyApi.activateTenant> {
  return async ({ body: { tenant }, principal }) => {
    const state = await activateTenant(tenant, deps);
    deps.log.info('tenant.activated', { actor: actorText(principal), tenant, status: state });
    return { status: 200, body: { state } };
  };
}
