import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

export function listDomains({ domains }: Stores): Handler<typeof identityApi.listDomains> {
  return async ({ query, principal }) => {
    const tenant = tenantFor(principal, query.tenant);
    const all = await domains.list(tenant);
    const limit = principal.kind === 'token' ? principal.domain : null;
    const shown = limit === null ? all : all.filter(({ id }) => id === limit);
    return { status: 200, body: { domains: shown } };
  };
}
