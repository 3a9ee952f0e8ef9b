import { Id } from '@mysmtp/contracts';
import { ownersAndOperators, problems, route, type Caller, type Route } from '@mysmtp/http';
import { z } from 'zod';
import { NetworkCidr } from '../credentials/network.ts';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';
import { Label } from './schemas.ts';

const path = '/v1/credentials';

const Created = z.union([
  z.strictObject({ id: z.string(), username: z.string(), password: z.string() }),
  z.strictObject({ id: z.string(), network: z.string() }),
]);

export function createCredential({ credentials, tenants, events }: Nouns): Route {
  /** Where there is one tenant only, an operator need not say which. */
  async function tenantOf(caller: Caller, named: string | undefined): Promise<string> {
    const said = caller.role === 'operator' ? (named ?? (await tenants.only())) : named;
    const tenant = tenantFor(caller, said, { route: path, events });
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return tenant;
  }

  return route({
    method: 'post',
    path,
    summary: 'Makes a credential: a user name and password, shown once, or a network',
    access: ownersAndOperators,
    body: z.strictObject({
      label: Label.optional(),
      network: NetworkCidr.optional(),
      tenant: Id.optional(),
    }),
    replies: { 201: Created },
    async handle({ body: { label, network, tenant: named }, caller }) {
      // Whoever may name a network lets everybody in it submit: an operator vouches for that.
      if (network !== undefined && caller.role !== 'operator') throw problems.forbidden();
      const tenant = await tenantOf(caller, named);
      if (network === undefined) {
        return { status: 201, body: await credentials.createPassword(tenant, label) };
      }
      const { id } = await credentials.createNetwork(tenant, network, label);
      return { status: 201, body: { id, network } };
    },
  });
}
