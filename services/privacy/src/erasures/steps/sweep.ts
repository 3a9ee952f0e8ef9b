import type { ErasureDocument } from '../ledger.ts';
import { sweepStores } from '../sweep-stores.ts';
import type { SagaDeps, Turn } from '../deps.ts';
import { unconfirmed, withConfirmedStores } from '../confirmed-stores.ts';

/**
 * The verifier checks that the purges are complete. It shares no code with them and cannot write. If it
 * finds something, everything is purged again. The erasure counts as failed until it finds nothing.
 */
export async function sweep(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { registry, log } = deps;
  // Keys are destroyed last. Without them, remaining data could not be distinguished from deleted data.
  const stores = registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  const seeing = await withConfirmedStores(erasure, deps);
  if (seeing === undefined) return { waitingFor: [unconfirmed(registry)] };
  const { sweep: seen, unreadable, leftovers } = await sweepStores(stores, seeing, deps);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: erasure._id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (unreadable.length > 0) return { waitingFor: unreadable };
  return { next: 'shredding', changes: { leftovers: [], sweeps: [seen] } };
}
