import type { ErasureDocument } from '../ledger.ts';
import { lookInto } from '../look.ts';
import type { SagaMeans, Turn } from '../means.ts';
import { unseen, withSight } from '../sight.ts';

/**
 * The verifier, which shares no code with the purges and cannot write, looks whether they are done.
 * Where it finds something everything is purged once more, and the erasure counts as failed until it
 * finds nothing.
 */
export async function sweep(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { registry, log } = means;
  // Keys come last: what is left could not be told from what is gone without them.
  const stores = registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  const seeing = await withSight(erasure, means);
  if (seeing === undefined) return { waitingFor: [unseen(registry)] };
  const { sweep: seen, blind, leftovers } = await lookInto(stores, seeing, means);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: erasure._id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (blind.length > 0) return { waitingFor: blind };
  return { next: 'shredding', changes: { leftovers: [], sweeps: [seen] } };
}
