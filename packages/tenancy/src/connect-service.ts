import type { DomainState } from '@mysmtp/contracts';
import type { TokenLookup } from '@mysmtp/http';
import { tokenLookup, type Projection } from '@mysmtp/projection';
import type { House } from '@mysmtp/service';
import { connect, type CommonConfig, type Connections } from './connections.ts';
import { followIdentity } from './follow-identity.ts';
import { openGateAndKeyring, type TenantAccess, type TenantOptions } from './tenant-access.ts';
import { createTenants, KeyScope, type TenantScope, type Tenants } from './tenants.ts';

/** One tenant, its keys and what identity says of it. */
export interface ProjectedScope extends TenantScope {
  /** A domain of this tenant; `undefined` if it has none of this id. */
  domain(id: string): DomainState | undefined;
}

export interface ConnectedService extends Connections, TenantAccess {
  readonly tenants: Tenants<ProjectedScope>;
  readonly projection: Projection;
  /** Whose bearer token it is. A fenced tenant's tokens are nobody's. */
  readonly tokens: TokenLookup;
}

/**
 * All that a service stands on which keeps something for tenants under keys of privacy, and knows them
 * by projection of identity. Call it before anything that writes is opened.
 *
 * Identity needs no projection and privacy is its own keyring: these two put the parts together
 * themselves.
 */
export async function connectService(
  house: House<
    CommonConfig & {
      readonly privacyUrl: string;
      readonly identityUrl: string;
      readonly keyFreshness: number;
    }
  >,
  options: TenantOptions,
): Promise<ConnectedService> {
  const connections = await connect(house);
  const { gate, keyring, ...access } = openGateAndKeyring(house, connections, options);
  const projection = await followIdentity(house, connections, 'identity');
  class Scope extends KeyScope implements ProjectedScope {
    domain(id: string) {
      const state = projection.get('domain', id);
      return state?.tenant === this.tenant ? state : undefined;
    }
  }
  const tenants = createTenants<ProjectedScope>(gate, (tenant) => new Scope(tenant, keyring));
  const tokens = tokenLookup(projection, (tenant) => tenants.fencedBy(tenant) !== undefined);
  return { ...connections, ...access, tenants, projection, tokens };
}
