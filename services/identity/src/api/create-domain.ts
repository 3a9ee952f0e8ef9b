import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function createDomain({
  domains,
  tenants,
}: Stores): Handler<typeof identityApi.createDomain> {
  return async ({ body: { tenant, name }, principal }) => {
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return { status: 201, body: await domains.add(principal, tenant, name) };
  };
}
