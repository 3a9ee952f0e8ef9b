import type { InHand } from '@mysmtp/contracts';
import { standBehindGate, standingAt, type AskStanding, type Gate } from '@mysmtp/erasure';
import type { ServiceClient } from '@mysmtp/http';
import { openKeyring, type Keyring } from '@mysmtp/keys';
import type { House } from '@mysmtp/service';
import type { CommonConfig, Connections } from './connections.ts';

/** What stands between a service and what it may do for a tenant, and with which keys. */
export interface TenantAccess {
  readonly privacy: ServiceClient;
  readonly standing: AskStanding;
  readonly gate: Gate;
  readonly keyring: Keyring;
}

export interface TenantOptions {
  /** The settings of this service that `keptUnderKeys` names, in milliseconds. */
  readonly kept?: Readonly<Record<string, number>>;
  /** What the heartbeats say of mail that this process has from the broker. */
  readonly inHand?: () => InHand | undefined;
}

/**
 * The gate and the keyring of a service that asks privacy. Open everything that writes afterwards, so
 * that the gate closes last. When a fence falls, the keys of its tenant are forgotten before the fence
 * is acknowledged.
 */
export function openTenantAccess(
  house: House<CommonConfig & { readonly privacyUrl: string; readonly keyFreshness: number }>,
  { client, control, publisher, signed }: Connections,
  options: TenantOptions = {},
): TenantAccess {
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
