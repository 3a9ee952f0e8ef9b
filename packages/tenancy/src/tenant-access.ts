import type { InFlightReport } from '@mysmtp/contracts';
import {
  startTenantGuard,
  openTenantGuard,
  standingAt,
  type AskStanding,
  type TenantGuard,
  type TenantGuardDeps,
} from '@mysmtp/erasure';
import type { ServiceClient } from '@mysmtp/http';
import { openKeyring, type Keyring } from '@mysmtp/keys';
import type { ServiceContext } from '@mysmtp/service';
import type { CommonConfig, Connections } from './connections.ts';
import { createTenants, KeyScope, type BareScope, type Tenants } from './tenants.ts';

/** A service's access to tenants and their keys. */
export interface TenantAccess {
  readonly privacy: ServiceClient;
  readonly standing: AskStanding;
  readonly tenants: Tenants;
}

export interface TenantOptions {
  /** The settings of this service that `keptUnderKeys` names, in milliseconds. */
  readonly kept?: Readonly<Record<string, number>>;
  /** The report on mail in flight for the heartbeats. */
  readonly inFlight?: () => InFlightReport | undefined;
}

type TenantServiceContext = ServiceContext<
  CommonConfig & { readonly privacyUrl: string; readonly keyFreshness: number }
>;

/**
 * The tenant guard and the keyring of a service that gets both from privacy. Open everything that writes
 * afterwards, so that the guard closes last. When a tenant is fenced, its keys are dropped before the
 * fence is acknowledged.
 */
export function openGuardAndKeyring(
  context: TenantServiceContext,
  { client, control, publisher, signed }: Connections,
  options: TenantOptions,
): Omit<TenantAccess, 'tenants'> & { readonly guard: TenantGuard; readonly keyring: Keyring } {
  const { name: service, config, clock, log, metrics } = context;
  const privacy = client('privacy', config.privacyUrl);
  const guard = openTenantGuard(context, {
    control,
    publisher,
    signed,
    privacy,
    ...options,
  });
  const keyring = context.manage(
    openKeyring({
      service,
      client: privacy,
      control,
      signed,
      freshness: config.keyFreshness,
      clock,
      log,
      metrics,
    }),
    (open) => open.close(),
  );
  guard.onFence(({ tenant }) => keyring.forget(tenant));
  return { privacy, standing: standingAt(privacy), guard, keyring };
}

/** For a service without a projection. Open everything that writes afterwards. */
export function openTenantAccess(
  context: TenantServiceContext,
  connections: Connections,
  options: TenantOptions = {},
): TenantAccess {
  const { guard, keyring, ...access } = openGuardAndKeyring(context, connections, options);
  return { ...access, tenants: createTenants(guard, (tenant) => new KeyScope(tenant, keyring)) };
}

/** For privacy, which has the fences itself and keeps no data under keys. */
export function openTenantsOf(
  context: ServiceContext<CommonConfig>,
  { control, publisher, signed }: Connections,
  ledger: Pick<TenantGuardDeps, 'fences' | 'standing'>,
): Tenants<BareScope> {
  const { name: service, config, log, metrics } = context;
  const settings = {
    service,
    control,
    publisher,
    signed,
    lease: config.processLease,
    log,
    metrics,
  };
  const guard = context.manage(startTenantGuard({ ...settings, ...ledger }), (open) => open.stop());
  return createTenants(guard, (tenant) => ({ tenant }));
}
