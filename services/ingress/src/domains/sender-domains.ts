import type { KeyObject } from 'node:crypto';
import type { Signing } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { asciiDomain } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import { domainIndex } from '@mysmtp/seal';

export interface SenderDomain {
  readonly id: string;
  readonly signing: Signing;
}

export interface SenderDomains {
  /** The tenant's own domain of that name, if it has one. */
  find(tenant: string, keys: SealingKeys, domain: string): SenderDomain | undefined;
}

/** Names whose index is remembered for one tenant; far more than one tenant sends as. */
const rememberedLimit = 1_000;

/** Sender domains by blind index, kept up with identity: no name of one is in this process for long. */
export function createSenderDomains(projection: Projection): SenderDomains {
  const byIndex = new Map<string, string>();
  projection.onChange((change, before) => {
    if (change.entity !== 'domain') return;
    if (before !== undefined && 'nameIndex' in before) byIndex.delete(before.nameIndex);
    if (change.state !== null) byIndex.set(change.state.nameIndex, change.id);
  });

  // An HMAC for each name of each message costs more than looking it up; what is remembered goes
  // with the key it was made under.
  const remembered = new WeakMap<KeyObject, Map<string, string>>();

  function indexOf(key: KeyObject, name: string): string {
    let names = remembered.get(key);
    if (names === undefined) remembered.set(key, (names = new Map()));
    let index = names.get(name);
    if (index === undefined) {
      if (names.size >= rememberedLimit) names.clear();
      names.set(name, (index = domainIndex(key, name)));
    }
    return index;
  }

  return {
    find(tenant, keys, domain) {
      const name = asciiDomain(domain);
      if (name === undefined) return undefined;
      const id = byIndex.get(indexOf(keys.index, name));
      if (id === undefined) return undefined;
      const state = projection.get('domain', id);
      return state?.tenant === tenant ? { id, signing: state.signing } : undefined;
    },
  };
}
