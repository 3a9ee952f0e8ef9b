import { identityApi, type TokenPrincipal } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Nouns } from '../nouns.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.createCredential;

export function createCredential({
  credentials,
  tenants,
  events,
}: Nouns): Handler<typeof identityApi.createCredential> {
  /** Where there is one tenant only, an operator need not say which. */
  async function tenantOf(principal: TokenPrincipal, named: string | undefined): Promise<string> {
    const said = principal.tenant === null ? (named ?? (await tenants.only())) : named;
    const tenant = tenantFor(principal, said, { route, events });
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return tenant;
  }

  return async ({ body: { label, network, tenant: named }, principal }) => {
    // Whoever may name a network lets everybody in it submit: an operator vouches for that.
    if (network !== undefined && !principal.permissions.has('networks:create')) {
      throw problems.forbidden();
    }
    const tenant = await tenantOf(principal, named);
    if (network === undefined) {
      const body = await credentials.createPassword(principal, tenant, label);
      return { status: 201, body };
    }
    const { id } = await credentials.createNetwork(principal, tenant, network, label);
    return { status: 201, body: { id, network } };
  };
}
