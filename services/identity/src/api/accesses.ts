import type { identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function openAccess({ accesses, tenants }: Stores): Handler<typeof identityApi.openAccess> {
  return async ({ body, principal }) => {
    if (principal.tenant !== null || !(await tenants.exists(body.tenant))) {
      throw problems.notFound();
    }
    return { status: 201, body: await accesses.open(principal, body) };
  };
}

export function closeAccess({ accesses }: Stores): Handler<typeof identityApi.closeAccess> {
  return async ({ params: { id }, principal }) => {
    if (!(await accesses.close(principal, id))) throw problems.notFound();
    return { status: 204 };
  };
}

export function readAccessLog({ accesses }: Stores): Handler<typeof identityApi.readAccessLog> {
  return async ({ query: { limit = 100, before }, principal }) => ({
    status: 200,
    body: { entries: await accesses.log(principal.tenant, { limit, before }) },
  });
}
