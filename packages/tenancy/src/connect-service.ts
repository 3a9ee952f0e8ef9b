import { limitsOf, type DomainState } from '@mysmtp/contracts';
import type { AccountLookup, TokenLookup } from '@mysmtp/http';
import type { Projection } from '@mysmtp/projection';
import type { ServiceContext } from '@mysmtp/service';
import { openBearerTokens, type UseReports } from './bearer-tokens.ts';
import { connect, type CommonConfig, type Connections } from './connections.ts';
import { followIdentity } from './follow-identity.ts';
import { openMembers, type Members } from './members.ts';
import { openGuardAndKeyring, type TenantAccess, type TenantOptions } from './tenant-access.ts';
import { createTenants, KeyScope, type TenantScope, type Tenants } from './tenants.ts';

/** One tenant, its keys and its entities in the projection of identity. */
export interface ProjectedScope extends TenantScope {
  /** A domain of this tenant; `undefined` if it has no domain with this id. */
  domain(id: string): DomainState | undefined;
}

export interface ConnectedService extends Connections, TenantAccess {
  readonly tenants: Tenants<ProjectedScope>;
  readonly projection: Projection;
  /** The principals of bearer tokens. Tokens of a fenced tenant are invalid. */
  readonly tokens: TokenLookup;
  /** Status and limit of requests of the tenants of these principals. */
  readonly accounts: AccountLookup;
  /** The processes of this service. */
  readonly members: Members;
  /** How many processes of this service share a limit: at least this one. */
  readonly processes: () => number;
  readonly uses: UseReports;
}

/**
 * All connections of a service that keeps data for tenants under privacy's keys and has a projection of
 * identity. Call it before anything that writes is opened.
 *
 * Identity needs no projection, and privacy is its own keyring: these two services combine the parts
 * themselves.
 */
export async function connectService(
  context: ServiceContext<
    CommonConfig & {
      readonly privacyUrl: string;
      readonly identityUrl: string;
      readonly keyFreshness: number;
    }
  >,
  options: TenantOptions,
): Promise<ConnectedService> {
  const connections = await connect(context);
  const { guard, keyring, ...access } = openGuardAndKeyring(context, connections, options);
  const projection = await followIdentity(context, connections);
  class Scope extends KeyScope implements ProjectedScope {
    domain(id: string) {
      const state = projection.get('domain', id);
      return state?.tenant === this.tenant ? state : undefined;
    }
  }
  const tenants = createTenants<ProjectedScope>(
    guard,
    (tenant) => new Scope(tenant, keyring),
    (tenant) => {
      const status = projection.get('tenant', tenant)?.status ?? 'active';
      return status === 'active' ? undefined : status;
    },
  );
  const bearers = openBearerTokens(context, connections, {
    projection,
    isFenced: (tenant) => tenants.fencedBy(tenant) !== undefined,
  });
  const { name: service, config, log } = context;
  const members = context.manage(
    openMembers(connections.control, { services: [service], lease: config.processLease, log }),
    (open) => open.close(),
  );
  const processes = () => Math.max(1, members.live().length);
  const accounts: AccountLookup = (tenant) => {
    const state = projection.get('tenant', tenant);
    if (state === undefined) return undefined;
    const { apiRequestsPerMinute } = limitsOf(undefined, state.limits);
    return { status: state.status, requests: Math.ceil(apiRequestsPerMinute / processes()) };
  };
  return {
    ...connections,
    ...access,
    tenants,
    projection,
    ...bearers,
    accounts,
    members,
    processes,
  };
}
