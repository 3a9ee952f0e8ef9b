import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function changeTenant({ tenants }: Stores): Handler<typeof identityApi.changeTenant> {
  return async ({ params: { id }, body, principal }) => {
    if (!(await tenants.changePlan(principal, id, body))) throw problems.notFound();
    const tenant = await tenants.find(id);
    if (tenant === undefined) throw problems.notFound();
    const { plan, limits } = tenant;
    return { status: 200, body: { plan, limits } };
  };
}
