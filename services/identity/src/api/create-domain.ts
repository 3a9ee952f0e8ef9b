import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

export function createDomain({
  domains,
  tenants,
}: Stores): Handler<typeof identityApi.createDomain> {
  return async ({ body: { tenant: named, name, vouch }, principal }) => {
    if (vouch !== undefined && !principal.permissions.has('domains:vouch')) {
      throw problems.hidden('permission');
    }
    const tenant = tenantFor(principal, named);
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return { status: 201, body: await domains.add(principal, tenant, name, vouch) };
  };
}
