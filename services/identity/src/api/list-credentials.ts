import { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.listCredentials;

export function listCredentials({
  credentials,
  events,
}: Nouns): Handler<typeof identityApi.listCredentials> {
  return async ({ query, principal }) => {
    const tenant = tenantFor(principal, query.tenant, { route, events });
    return { status: 200, body: { credentials: await credentials.list(tenant) } };
  };
}
