import type { Signing } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { asciiDomain } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import { domainIndex } from '@mysmtp/seal';
import { rememberByKey } from '../memo.ts';

export interface SenderDomain {
  readonly id: string;
  readonly signing: Signing;
}

export interface SenderDomains {
  /** The tenant's own domain of that name, if it has one. */
  find(tenant: string, keys: SealingKeys, domain: string): SenderDomain | undefined;
}

/** Sender domains by blind index, kept up with identity: no name of one is in this process for long. */
export function createSenderDomains(projection: Projection): SenderDomains {
  const byIndex = new Map<string, string>();
  projection.onChange((change, before) => {
    if (change.entity !== 'domain') return;
    if (before !== undefined && 'nameIndex' in before) byIndex.delete(before.nameIndex);
    if (change.state !== null) byIndex.set(change.state.nameIndex, change.id);
  });

  const indexOf = rememberByKey(domainIndex);

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
