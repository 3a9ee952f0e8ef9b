import { isIPv6, type BlockList } from 'node:net';
import type { CredentialState } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { domainOf } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import { addressIndex, domainIndex, open } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import { memoizeByKey } from '../memoize-by-key.ts';
import { networkList } from './network-list.ts';
import type { Sender } from './sender.ts';

/** What the owner of a credential has limited it to, as identity publishes it. */
export interface CredentialLimits {
  /**
   * Whether a client at this address may use the credential. A promise only if its networks must be opened
   * first; it rejects with a `TenantUnavailable`.
   */
  admitsClient(sender: Sender, address: string): boolean | Promise<boolean>;
  /** Whether it may send from this address, whose domain is in A-label form. */
  admitsAuthor(sender: Sender, keys: SealingKeys, address: string): boolean;
  /** Whether its mail is accepted and never delivered. */
  isSandboxed(sender: Sender): boolean;
}

const indexOfAddress = memoizeByKey(addressIndex);
const indexOfDomain = memoizeByKey(domainIndex);

export function createCredentialLimits(deps: {
  readonly projection: Pick<Projection, 'get' | 'onChange'>;
  readonly tenants: Pick<Tenants, 'run' | 'onFence'>;
}): CredentialLimits {
  const { projection, tenants } = deps;
  /** Opened networks by credential. They are dropped with a change of it, and with the tenant's keys. */
  const opened = new Map<string, { readonly tenant: string; readonly list: BlockList }>();
  projection.onChange((change) => {
    if (change.entity === 'credential') opened.delete(change.id);
  });
  tenants.onFence(({ tenant }) => {
    for (const [id, network] of opened) if (network.tenant === tenant) opened.delete(id);
  });

  const stateOf = ({ credential }: Sender): CredentialState | undefined =>
    projection.get('credential', credential);

  async function openNetworks({ tenant, credential }: Sender, sealed: string): Promise<BlockList> {
    const account = await tenants.run(tenant, 'read', (scope) => scope.key('account'));
    const record = `credentials:${credential}:networks`;
    const text = open(account, { tenant, record }, Buffer.from(sealed, 'base64')).toString();
    const list = networkList(JSON.parse(text) as string[]);
    // A change that arrived meanwhile has other networks.
    const state = stateOf({ tenant, credential });
    if (networksOf(state) === sealed) opened.set(credential, { tenant, list });
    return list;
  }

  return {
    admitsClient(sender, address) {
      const sealed = networksOf(stateOf(sender));
      if (sealed === undefined) return true;
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      const known = opened.get(sender.credential);
      if (known !== undefined) return known.list.check(address, family);
      return openNetworks(sender, sealed).then((list) => list.check(address, family));
    },
    admitsAuthor(sender, keys, address) {
      const senders = stateOf(sender)?.senders;
      return (
        senders === undefined ||
        senders.includes(indexOfAddress(keys.index, address)) ||
        senders.includes(indexOfDomain(keys.index, domainOf(address)))
      );
    },
    isSandboxed: (sender) => stateOf(sender)?.sandbox === true,
  };
}

const networksOf = (state: CredentialState | undefined): string | undefined =>
  state?.kind === 'password' ? state.networks : undefined;
