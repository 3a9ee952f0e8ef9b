import { Id } from '@mysmtp/contracts';
import { operators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import { DomainName } from '../domains/name.ts';
import type { Nouns } from '../nouns.ts';
import { Domain } from './list-domains.ts';

export function createDomain({ domains, tenants }: Nouns): Route {
  return route({
    method: 'post',
    path: '/v1/domains',
    summary: 'Gives a tenant a sender domain that the operator vouches for',
    access: operators,
    body: z.strictObject({ tenant: Id, name: DomainName }),
    replies: { 201: Domain },
    async handle({ body: { tenant, name } }) {
      if (!(await tenants.exists(tenant))) throw problems.notFound();
      return { status: 201, body: await domains.add(tenant, name) };
    },
  });
}
