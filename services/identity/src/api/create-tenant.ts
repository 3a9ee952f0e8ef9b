import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';

export function createTenant({ tenants }: Stores): Handler<typeof identityApi.createTenant> {
  return async ({ body, principal }) => ({
    status: 201,
    body: await tenants.register(principal, body),
  });
}
