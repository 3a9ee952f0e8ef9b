import { BlockList, isIPv6 } from 'node:net';
import { TenantUnavailable } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Projection } from '@mysmtp/projection';
import { open } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { IsInForce, Sender } from './sender.ts';

export interface Networks {
  /** Whose network an address is in. `unavailable` where a network that is not open may have it. */
  find(address: string): Promise<Sender | 'unknown' | 'unavailable'>;
}

interface Network extends Sender {
  readonly sealed: string;
  list: BlockList | undefined;
}

/** Network credentials; each is opened once, when it is first needed. They never overlap between tenants. */
export function createNetworks(options: {
  projection: Projection;
  isInForce: IsInForce;
  tenants: Tenants;
  log: Logger;
}): Networks {
  const { projection, isInForce, tenants, log } = options;
  const networks = new Map<string, Network>();
  projection.onChange((change) => {
    if (change.entity !== 'credential') return;
    networks.delete(change.id);
    if (change.state?.kind !== 'network') return;
    const { tenant, cidr } = change.state;
    networks.set(change.id, { tenant, credential: change.id, sealed: cidr, list: undefined });
  });
  // What was opened with a key of the tenant goes when the key goes.
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
    network.list = subnet(
      open(account, { tenant, record }, Buffer.from(sealed, 'base64')).toString(),
    );
    return network.list;
  }

  return {
    async find(address) {
      if (!projection.isWhole()) return 'unavailable';
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      let complete = true;
      for (const network of networks.values()) {
        if (!isInForce(network)) continue;
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

function subnet(cidr: string): BlockList {
  const [address = '', prefix = ''] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  return list;
}
