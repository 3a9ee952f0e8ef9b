import { ownersAndOperators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';
import { OfTenant } from './schemas.ts';

const path = '/v1/tokens';

const Token = z.strictObject({
  id: z.string(),
  role: z.enum(['owner', 'operator']),
  createdAt: z.string(),
  /** Of operators' tokens; `null` for owners'. */
  name: z.string().nullable(),
  expiresAt: z.string().nullable(),
});

export function listTokens({ tokens, events }: Nouns): Route {
  return route({
    method: 'get',
    path,
    summary:
      "A tenant's tokens without their secrets; for an operator who names none, the operators'",
    access: ownersAndOperators,
    query: OfTenant,
    replies: { 200: z.strictObject({ tokens: z.array(Token) }) },
    async handle({ query, caller }) {
      const ofOperators = caller.role === 'operator' && query.tenant === undefined;
      const tenant = ofOperators ? null : tenantFor(caller, query.tenant, { route: path, events });
      return { body: { tokens: await tokens.list(tenant) } };
    },
  });
}
