import { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.listCredentials;

export function listCredentials({
  credentials,
  telemetry,
}: Stores): Handler<typeof identityApi.listCredentials> {
  return async ({ query, principal }) => {
    const tenant = tenantFor(principal, query.tenant, { route, telemetry });
    return { status: 200, body: { credentials: await credentials.list(tenant) } };
  };
}
