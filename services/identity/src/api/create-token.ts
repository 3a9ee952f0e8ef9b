import type { identityApi } from '@mysmtp/api';
import { mayGrant, permissionsOf } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Stores } from '../stores.ts';
import { boundsOf, ownOrNotFound, tenantFor } from './access.ts';

const invalid = (path: string, message: string) => problems.invalid([{ path, message }]);

/** Otherwise a person could give themselves more permissions than their role has. */
export const beyondCreator = () =>
  invalid('scopes', 'A key cannot have more permissions than its creator');

export function createToken(stores: Stores): Handler<typeof identityApi.createToken> {
  const { tokens, domains, tenants } = stores;
  return async ({ body, principal }) => {
    const { role, tenant: named, name, label, scopes, domain, networks, days } = body;
    const impossible = scopes?.find((scope) => !permissionsOf(role).has(scope));
    if (impossible !== undefined) throw invalid('scopes', `No ${role} has ${impossible}`);

    const bounds = await boundsOf(stores, principal);
    if (role === 'operator') {
      if (!principal.permissions.has('operators:create')) throw problems.hidden('permission');
      if (named !== undefined) throw invalid('tenant', 'The key of an operator has no tenant');
      if (label !== undefined) throw invalid('label', 'The key of an operator has a name instead');
      if (domain !== undefined) throw invalid('domain', 'The key of an operator has no domain');
      if (!mayGrant(principal, { tenant: null, scopes })) throw beyondCreator();
      const holder = { role, tenant: null, name, scopes, networks, days };
      return { status: 201, body: await tokens.create(principal, holder, bounds) };
    }
    if (name !== undefined) throw invalid('name', 'The key of a tenant has a label instead');
    // With a key of a tenant, an operator would see its data without an access that the tenant sees.
    if (principal.tenant === null) throw problems.hidden('realm');
    const tenant = tenantFor(principal, named);
    if (!mayGrant(principal, { tenant, scopes })) throw beyondCreator();
    if (domain !== undefined) {
      ownOrNotFound(await domains.find(domain), principal);
    }
    const holder = { role, tenant, label, scopes, domain, networks, days };
    const { limits } = (await tenants.account(tenant)) ?? {};
    return { status: 201, body: await tokens.create(principal, holder, bounds, limits?.apiKeys) };
  };
}
