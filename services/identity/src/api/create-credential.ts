import type { AccountPrincipal, identityApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { boundsOf, tenantFor } from './access.ts';

export function createCredential(stores: Stores): Handler<typeof identityApi.createCredential> {
  const { accesses, credentials, tenants } = stores;
  /** If there is only one tenant, an operator may omit it. */
  async function tenantOf(principal: AccountPrincipal, named: string | undefined): Promise<string> {
    const wanted = principal.tenant === null ? (named ?? (await tenants.only())) : named;
    const tenant = tenantFor(principal, wanted);
    if (!(await tenants.exists(tenant))) throw problems.notFound();
    return tenant;
  }

  return async ({ body: { network, tenant: named, ...settings }, principal }) => {
    // All clients in the network may then submit, so only an operator may create it.
    if (network !== undefined && !principal.permissions.has('networks:create')) {
      throw problems.hidden('permission');
    }
    // With a password, an operator could send in the name of the tenant.
    if (network === undefined && principal.tenant === null) throw problems.hidden('realm');
    if (network !== undefined && settings.networks !== undefined) {
      const message = 'A network credential has exactly one network';
      throw problems.invalid([{ path: 'networks', message }]);
    }
    const tenant = await tenantOf(principal, named);
    const { limits } = (await tenants.account(tenant)) ?? {};
    if (limits !== undefined && (await credentials.count(tenant)) >= limits.credentials) {
      throw problems.conflict(
        `The limit of credentials of this account (${String(limits.credentials)}) is reached`,
      );
    }
    if (network === undefined) {
      const bounds = await boundsOf(stores, principal);
      const body = await credentials.createPassword(principal, tenant, settings, bounds);
      return { status: 201, body };
    }
    if (named === undefined)
      await accesses.record(principal, tenant, { action: 'createCredential' });
    // Without the bounds of the operator's key: the holder of that key gets no secret and no access.
    const { id } = await credentials.createNetwork(principal, tenant, network, settings);
    return { status: 201, body: { id, network } };
  };
}
