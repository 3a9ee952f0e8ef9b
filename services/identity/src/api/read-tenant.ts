import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

export function readTenant({ tenants }: Stores): Handler<typeof identityApi.readTenant> {
  return async ({ params, principal }) => {
    const tenant = await tenants.find(tenantFor(principal, params.id));
    if (tenant === undefined) throw problems.notFound();
    return { status: 200, body: { tenant } };
  };
}
