import type { TokenLookup } from '@mysmtp/http';
import { tokenLookup, type Projection } from '@mysmtp/projection';
import type { House } from '@mysmtp/service';
import { connect, type CommonConfig, type Connections } from './connections.ts';
import { followIdentity } from './follow-identity.ts';
import { openTenantAccess, type TenantAccess, type TenantOptions } from './tenant-access.ts';

export interface ConnectedService extends Connections, TenantAccess {
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
  const access = openTenantAccess(house, connections, options);
  const projection = await followIdentity(house, connections, 'identity');
  const { closedFor } = access.gate;
  const tokens = tokenLookup(projection, (tenant) => closedFor(tenant) !== undefined);
  return { ...connections, ...access, projection, tokens };
}
