import { operators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import { DomainName } from '../domains/name.ts';
import type { Nouns } from '../nouns.ts';
import { OwnerAddress, TenantName } from './schemas.ts';

const Registration = z.strictObject({
  tenant: z.strictObject({ id: z.string(), name: z.string(), domain: z.string() }),
  ownerToken: z.string(),
  credential: z.strictObject({ id: z.string(), username: z.string(), password: z.string() }),
});

export function createTenant({ tenants }: Nouns): Route {
  return route({
    method: 'post',
    path: '/v1/tenants',
    summary:
      'Registers a customer whose domain the operator vouches for; its secrets are shown once',
    access: operators,
    body: z.strictObject({
      name: TenantName,
      domain: DomainName,
      owner: OwnerAddress.optional(),
    }),
    replies: { 201: Registration },
    handle: async ({ body }) => ({ status: 201, body: await tenants.register(body) }),
  });
}
