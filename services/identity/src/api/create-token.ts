import { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.createToken;

export function createToken({
  tokens,
  tenants,
  telemetry,
}: Stores): Handler<typeof identityApi.createToken> {
  return async ({ body: { role, tenant: named, name, days }, principal }) => {
    if (role === 'operator') {
      if (!principal.permissions.has('operators:create')) throw problems.notFound();
      if (named !== undefined) {
        const message = 'The token of an operator has no tenant';
        throw problems.invalid([{ path: 'tenant', message }]);
      }
      const holder = { role, tenant: null, name, days };
      return { status: 201, body: await tokens.create(principal, holder) };
    }
    if (name !== undefined || days !== undefined) {
      const message = 'Only the token of an operator has a name and an expiry';
      throw problems.invalid([{ path: name === undefined ? 'days' : 'name', message }]);
    }
    const tenant = tenantFor(principal, named, { route, telemetry });
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return { status: 201, body: await tokens.create(principal, { role, tenant }) };
  };
}
