import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

export function listCredentials({
  credentials,
}: Stores): Handler<typeof identityApi.listCredentials> {
  return async ({ query, principal }) => {
    const tenant = tenantFor(principal, query.tenant);
    return { status: 200, body: { credentials: await credentials.list(tenant) } };
  };
}
