import { isIPv6, type BlockList } from 'node:net';
import { TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { open } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { networkList } from './network-list.ts';
import type { IsAuthorized, Sender } from './sender.ts';

export interface Networks {
  /** The sender of the address's network. `unavailable` if a network that cannot be opened may match. */
  find(address: string): Promise<Sender | 'unknown' | 'unavailable'>;
}

interface Network extends Sender {
  readonly sealed: string;
  list: BlockList | undefined;
}

/** Network credentials. Each is opened once, at its first use. Tenants' networks never overlap. */
export function createNetworks(deps: {
  projection: Projection;
  isAuthorized: IsAuthorized;
  tenants: Tenants;
  log: Logger;
}): Networks {
  const { projection, isAuthorized, tenants, log } = deps;
  const networks = new Map<string, Network>();
  projection.onChange((change) => {
    if (change.entity !== 'credential') return;
    networks.delete(change.id);
    if (change.state?.kind !== 'network') return;
    const { tenant, cidr } = change.state;
    networks.set(change.id, { tenant, credential: change.id, sealed: cidr, list: undefined });
  });
  // Networks that were opened with a key of the tenant are dropped together with the key.
  tenants.onFence(({ tenant }) => {
    for (const network of networks.values()) {
      if (network.tenant === tenant) network.list = undefined;
    }
  });

  async function listOf(network: Network): Promise<BlockList> {
    if (network.list !== undefined) return network.list;
    const { tenant, credential, sealed } = network;
    const account = await tenants.run(tenant, 'read', (scope) => scope.key('account'));
    const record = `credentials:${credential}:cidr`;
    const cidr = open(account, { tenant, record }, Buffer.from(sealed, 'base64')).toString();
    network.list = networkList([cidr]);
    return network.list;
  }

  return {
    async find(address) {
      if (!projection.isReady()) return 'unavailable';
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      let complete = true;
      for (const network of networks.values()) {
        if (!isAuthorized(network)) continue;
        try {
          if ((await listOf(network)).check(address, family)) return network;
        } catch (error) {
          if (error instanceof TenantUnavailable) complete &&= !error.passes;
          else log.error('network.unreadable', { credential: network.credential, error });
        }
      }
      return complete ? 'unknown' : 'unavailable';
    },
  };
}
