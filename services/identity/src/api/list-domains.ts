import { Signing } from '@mysmtp/contracts';
import { ownersAndOperators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';
import { OfTenant } from './schemas.ts';

const path = '/v1/domains';

export const Domain = z.strictObject({ id: z.string(), name: z.string(), signing: Signing });

export function listDomains({ domains, events }: Nouns): Route {
  return route({
    method: 'get',
    path,
    summary: "A tenant's sender domains",
    access: ownersAndOperators,
    query: OfTenant,
    replies: { 200: z.strictObject({ domains: z.array(Domain) }) },
    async handle({ query, caller }) {
      const tenant = tenantFor(caller, query.tenant, { route: path, events });
      return { body: { domains: await domains.list(tenant) } };
    },
  });
}
