import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';
import { ById } from './schemas.ts';

const path = '/v1/tenants/{id}';

const Tenant = z.strictObject({
  id: z.string(),
  name: z.string(),
  owner: z.string().nullable(),
  status: z.enum(['active', 'suspended']),
  createdAt: z.string(),
});

export function readTenant({ tenants, events }: Nouns): Route {
  return route({
    method: 'get',
    path,
    summary: 'A customer, for its owners and the operator',
    access: ownersAndOperators,
    params: ById,
    replies: { 200: z.strictObject({ tenant: Tenant }) },
    async handle({ params, caller }) {
      const tenant = await tenants.find(tenantFor(caller, params.id, { route: path, events }));
      if (tenant === undefined) throw problems.notFound();
      return { body: { tenant } };
    },
  });
}
