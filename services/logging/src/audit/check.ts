import {
  chainKeyOf,
  createChainVerifier,
  type Content,
  type Finding,
  type Position,
} from '@mysmtp/audit';
import { KeyId, operatorRealm, TenantUnavailable } from '@mysmtp/contracts';
import { SealError } from '@mysmtp/seal';
import { keysOf, type Tenants } from '@mysmtp/tenancy';
import type { EntryOpener } from './open-entries.ts';
import { entryOf, type AuditEntries, type StoredEntry } from './store.ts';

/** Between two batches the process does other work. */
const batchSize = 500;

/** The types whose content says which payloads may be missing. */
const explaining = ['payload_expired', 'payload_erased'] as const;

/** What does not open was changed. It fits no commitment. */
const unreadable: Content = { state: 'shown', salt: Buffer.alloc(0), payload: '' };

/**
 * Checks the stored chain after this position, with the MACs. With `most` it reads so many entries and
 * compares each payload with its commitment. Without, it reads all, and no payload of a tenant is opened.
 * Throws a `TenantUnavailable` if privacy does not answer.
 */
export async function checkChain(
  deps: {
    readonly entries: AuditEntries;
    readonly tenants: Tenants;
    readonly opener: EntryOpener;
  },
  from: Position,
  most?: number,
): Promise<{
  readonly findings: readonly Finding[];
  readonly end: Position;
  /** How many entries were read. */
  readonly count: number;
}> {
  const { entries, tenants, opener } = deps;
  const keyOf = keysOf(tenants);
  const chainKeys = new Map<string, Buffer | undefined>();
  const verifier = createChainVerifier({ from, chainKey: (id) => chainKeys.get(id) });
  let count = 0;

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
    const isExplaining = explaining.some((type) => type === entry.type);
    if (most === undefined && !isExplaining) return { state: 'hidden' };
    try {
      return await opener.content(entry);
    } catch (error) {
      if (error instanceof SealError) return unreadable;
      throw error;
    }
  }

  /** What is missing here may be explained by later entries. */
  async function readExplanations({ seq, time }: Position): Promise<void> {
    for (const type of explaining) {
      if (verifier.unexplained().length === 0) return;
      const later = entries.find({ type, time: { $gte: time }, _id: { $gt: seq } });
      for await (const entry of later) verifier.explain(entryOf(entry), await contentOf(entry));
    }
  }

  const found = entries
    .find({ _id: { $gt: from.seq } })
    .sort({ _id: 1 })
    .limit(most ?? 0)
    .batchSize(batchSize);
  for await (const entry of found) {
    await loadKey(entry.keyId);
    verifier.add(entryOf(entry), await contentOf(entry));
    count += 1;
  }
  await readExplanations(verifier.end());
  return { findings: verifier.finish(), end: verifier.end(), count };
}
