import { Id } from '@mysmtp/contracts';
import { ownersAndOperators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Nouns } from '../nouns.ts';
import { longestLife } from '../tokens/expiry.ts';
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
      /** Of an operator's token: what others know it by, and how many days it lives. */
      name: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be up to 63 of a-z, 0-9 and -')
        .optional(),
      days: z.int().min(1).max(longestLife).optional(),
    }),
    replies: { 201: z.strictObject({ id: z.string(), token: z.string() }) },
    async handle({ body: { role, tenant: named, name, days }, caller }) {
      if (role === 'operator') {
        if (caller.role !== 'operator') throw problems.forbidden();
        if (named !== undefined) {
          const message = 'An operator acts for no tenant';
          throw problems.invalid([{ path: 'tenant', message }]);
        }
        return { status: 201, body: await tokens.create({ role, tenant: null, name, days }) };
      }
      if (name !== undefined || days !== undefined) {
        const message = "Only an operator's token has a name and an end";
        throw problems.invalid([{ path: name === undefined ? 'days' : 'name', message }]);
      }
      const tenant = tenantFor(caller, named, { route: path, events });
      if (!(await tenants.exists(tenant))) throw problems.notFound();
      return { status: 201, body: await tokens.create({ role, tenant }) };
    },
  });
}
