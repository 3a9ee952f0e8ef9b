import type { InHand } from '@mysmtp/contracts';
import {
  openGate,
  standBehindGate,
  standingAt,
  type AskStanding,
  type Gate,
  type GateOptions,
} from '@mysmtp/erasure';
import type { ServiceClient } from '@mysmtp/http';
import { openKeyring, type Keyring } from '@mysmtp/keys';
import type { House } from '@mysmtp/service';
import type { CommonConfig, Connections } from './connections.ts';
import { createTenants, KeyScope, type BareScope, type Tenants } from './tenants.ts';

/** What stands between a service and what it may do for a tenant, and with which keys. */
export interface TenantAccess {
  readonly privacy: ServiceClient;
  readonly standing: AskStanding;
  readonly tenants: Tenants;
}

export interface TenantOptions {
  /** The settings of this service that `keptUnderKeys` names, in milliseconds. */
  readonly kept?: Readonly<Record<string, number>>;
  /** What the heartbeats say of mail that this process has from the broker. */
  readonly inHand?: () => InHand | undefined;
}

type TenantHouse = House<
  CommonConfig & { readonly privacyUrl: string; readonly keyFreshness: number }
>;

/**
 * The gate and the keyring of a service that asks privacy. Open everything that writes afterwards, so
 * that the gate closes last. When a fence falls, the keys of its tenant are forgotten before the fence
 * is acknowledged.
 */
export function openGateAndKeyring(
  house: TenantHouse,
  { client, control, publisher, signed }: Connections,
  options: TenantOptions,
): Omit<TenantAccess, 'tenants'> & { readonly gate: Gate; readonly keyring: Keyring } {
  const { name: service, config, clock, log, metrics } = house;
  const privacy = client('privacy', config.privacyUrl);
  const gate = standBehindGate(house, {
    control,
    publisher,
    signed,
    privacy,
    ...options,
  });
  const keyring = house.own(
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
  gate.onFence(({ tenant }) => keyring.forget(tenant));
  return { privacy, standing: standingAt(privacy), gate, keyring };
}

/** For a service without a projection. Open everything that writes afterwards. */
export function openTenantAccess(
  house: TenantHouse,
  connections: Connections,
  options: TenantOptions = {},
): TenantAccess {
  const { gate, keyring, ...access } = openGateAndKeyring(house, connections, options);
  return { ...access, tenants: createTenants(gate, (tenant) => new KeyScope(tenant, keyring)) };
}

/** For privacy, which has the fences itself and keeps nothing under keys. */
export function openTenantsOf(
  house: House<CommonConfig>,
  { control, publisher, signed }: Connections,
  ledger: Pick<GateOptions, 'fences' | 'standing'>,
): Tenants<BareScope> {
  const { name: service, config, log, metrics } = house;
  const settings = {
    service,
    control,
    publisher,
    signed,
    lease: config.processLease,
    log,
    metrics,
  };
  const gate = house.own(openGate({ ...settings, ...ledger }), (open) => open.stop());
  return createTenants(gate, (tenant) => ({ tenant }));
}
