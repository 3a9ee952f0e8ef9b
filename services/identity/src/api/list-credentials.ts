import { ownersAndOperators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';
import { OfTenant } from './schemas.ts';

const path = '/v1/credentials';

const Credential = z.strictObject({
  id: z.string(),
  type: z.enum(['password', 'network']),
  label: z.string().nullable(),
  username: z.string().optional(),
  network: z.string().optional(),
  createdAt: z.string(),
});

export function listCredentials({ credentials, events }: Nouns): Route {
  return route({
    method: 'get',
    path,
    summary: "A tenant's credentials, without their secrets",
    access: ownersAndOperators,
    query: OfTenant,
    replies: { 200: z.strictObject({ credentials: z.array(Credential) }) },
    async handle({ query, caller }) {
      const tenant = tenantFor(caller, query.tenant, { route: path, events });
      return { body: { credentials: await credentials.list(tenant) } };
    },
  });
}
