import { identityApi } from '@mysmtp/api';
import type { Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.listTokens;

export function listTokens({ tokens, telemetry }: Stores): Handler<typeof identityApi.listTokens> {
  return async ({ query, principal }) => {
    const ofOperators = principal.tenant === null && query.tenant === undefined;
    const tenant = ofOperators ? null : tenantFor(principal, query.tenant, { route, telemetry });
    return { status: 200, body: { tokens: await tokens.list(tenant) } };
  };
}
