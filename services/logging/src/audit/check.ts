import {
  chainKeyOf,
  createChainVerifier,
  type Content,
  type Finding,
  type Position,
} from '@mysmtp/audit';
import { KeyId, operatorRealm, TenantUnavailable } from '@mysmtp/contracts';
import { keysOf, type Tenants } from '@mysmtp/tenancy';
import type { EntryOpener } from './open-entries.ts';
import { entryOf, type AuditEntries, type StoredEntry } from './store.ts';

const batchSize = 5_000;

/** The types whose content says which payloads may be missing. */
const explaining: readonly string[] = ['payload_erased', 'payload_expired'];

/**
 * Checks the stored chain after this position, with the MACs. It opens no payload of a tenant. Throws a
 * `TenantUnavailable` if privacy does not answer.
 */
export async function checkChain(
  deps: {
    readonly entries: AuditEntries;
    readonly tenants: Tenants;
    readonly opener: EntryOpener;
  },
  from: Position,
): Promise<{ readonly findings: readonly Finding[]; readonly end: Position }> {
  const { entries, tenants, opener } = deps;
  const keyOf = keysOf(tenants);
  const chainKeys = new Map<string, Buffer | undefined>();
  const verifier = createChainVerifier({ from, chainKey: (id) => chainKeys.get(id) });

  async function loadKey(keyId: string): Promise<void> {
    if (chainKeys.has(keyId)) return;
    const known = KeyId.safeParse(keyId);
    const key = known.success
      ? await keyOf(operatorRealm, known.data).catch((error: unknown) => {
          // Destroyed with its month: then the links and the heads prove the order.
          if (error instanceof TenantUnavailable && !error.passes) return undefined;
          throw error;
        })
      : undefined;
    chainKeys.set(keyId, key && chainKeyOf(key));
  }

  async function contentOf(entry: StoredEntry): Promise<Content> {
    if (entry.sealed === undefined) return { state: 'deleted' };
    return explaining.includes(entry.type) ? opener.content(entry) : { state: 'hidden' };
  }

  const found = entries
    .find({ _id: { $gt: from.seq } })
    .sort({ _id: 1 })
    .batchSize(batchSize);
  for await (const entry of found) {
    await loadKey(entry.keyId);
    verifier.add(entryOf(entry), await contentOf(entry));
  }
  return { findings: verifier.finish(), end: verifier.end() };
}
