import { identityApi, type TokenPrincipal } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { tenantFor } from './access.ts';

const { path: route } = identityApi.createCredential;

export function createCredential({
  credentials,
  tenants,
  telemetry,
}: Stores): Handler<typeof identityApi.createCredential> {
  /** If there is only one tenant, an operator may omit it. */
  async function tenantOf(principal: TokenPrincipal, named: string | undefined): Promise<string> {
    const payload = principal.tenant === null ? (named ?? (await tenants.only())) : named;
    const tenant = tenantFor(principal, payload, { route, telemetry });
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return tenant;
  }

  return async ({ body: { label, network, tenant: named }, principal }) => {
    // All clients in the network may then submit, so only an operator may create it.
    if (network !== undefined && !principal.permissions.has('networks:create')) {
      throw problems.forbidden();
    }
    const tenant = await tenantOf(principal, named);
    const { limits } = (await tenants.account(tenant)) ?? {};
    if (limits !== undefined && (await credentials.count(tenant)) >= limits.credentials) {
      throw problems.conflict(
        `The limit of credentials of this account (${String(limits.credentials)}) is reached`,
      );
    }
    if (network === undefined) {
      const body = await credentials.createPassword(principal, tenant, label);
      return { status: 201, body };
    }
    const { id } = await credentials.createNetwork(principal, tenant, network, label);
    return { status: 201, body: { id, network } };
  };
}
