import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';

export function createDomain({
  domains,
  tenants,
}: Nouns): Handler<typeof identityApi.createDomain> {
  return async ({ body: { tenant, name }, principal }) => {
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return { status: 201, body: await domains.add(principal, tenant, name) };
  };
}
