import type { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

export function listTokens({ tokens }: Stores): Handler<typeof identityApi.listTokens> {
  return async ({ query, principal }) => {
    const ofOperators = principal.tenant === null && query.tenant === undefined;
    const tenant = ofOperators ? null : tenantFor(principal, query.tenant);
    return { status: 200, body: { tokens: await tokens.list(tenant) } };
  };
}
