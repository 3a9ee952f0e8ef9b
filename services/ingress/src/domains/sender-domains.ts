import type { Signing } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { asciiDomain } from '@mysmtp/mail';
import type { Projection } from '@mysmtp/projection';
import { domainIndex } from '@mysmtp/seal';
import { memoizeByKey } from '../memoize-by-key.ts';

export interface SenderDomain {
  readonly id: string;
  readonly signing: Signing;
}

/** A domain of a tenant; `unverified` if the tenant may not send from it yet; `undefined` if it has none. */
export type FoundDomain = SenderDomain | 'unverified' | undefined;

export interface SenderDomains {
  /** The tenant's own domain with this name. */
  find(tenant: string, keys: SealingKeys, domain: string): FoundDomain;
}

/** Sender domains by blind index, updated from identity. Their names are not kept in memory for long. */
export function createSenderDomains(
  projection: Pick<Projection, 'get' | 'onChange'>,
): SenderDomains {
  // An old and a new domain may have the same name at once, and their changes come in any order.
  const byIndex = new Map<string, Set<string>>();
  projection.onChange((change, before) => {
    if (change.entity !== 'domain') return;
    if (before !== undefined && 'nameIndex' in before) {
      const ids = byIndex.get(before.nameIndex);
      ids?.delete(change.id);
      if (ids?.size === 0) byIndex.delete(before.nameIndex);
    }
    if (change.state === null) return;
    const { nameIndex } = change.state;
    byIndex.set(nameIndex, (byIndex.get(nameIndex) ?? new Set()).add(change.id));
  });

  const indexOf = memoizeByKey(domainIndex);

  return {
    find(tenant, keys, domain) {
      const name = asciiDomain(domain);
      if (name === undefined) return undefined;
      let found: FoundDomain;
      for (const id of byIndex.get(indexOf(keys.index, name)) ?? []) {
        const state = projection.get('domain', id);
        if (state?.tenant !== tenant) continue;
        if (state.status !== 'unverified') return { id, signing: state.signing };
        found = 'unverified';
      }
      return found;
    },
  };
}
