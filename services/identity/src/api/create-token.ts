import { Id } from '@mysmtp/contracts';
import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';

const path = '/v1/tokens';

export function createToken({ tokens, tenants, events }: Nouns): Route {
  return route({
    method: 'post',
    path,
    summary: "Makes a bearer token, shown once: another owner's, or an operator's by an operator",
    access: ownersAndOperators,
    body: z.strictObject({
      role: z.enum(['owner', 'operator']).default('owner'),
      tenant: Id.optional(),
    }),
    replies: { 201: z.strictObject({ id: z.string(), token: z.string() }) },
    async handle({ body: { role, tenant: named }, caller }) {
      if (role === 'operator') {
        if (caller.role !== 'operator') throw problems.forbidden();
        if (named !== undefined) {
          const message = 'An operator acts for no tenant';
          throw problems.invalid([{ path: 'tenant', message }]);
        }
        return { status: 201, body: await tokens.create({ role, tenant: null }) };
      }
      const tenant = tenantFor(caller, named, { route: path, events });
      if (!(await tenants.exists(tenant))) throw problems.notFound();
      return { status: 201, body: await tokens.create({ role, tenant }) };
    },
  });
}
