import type { Collection } from '@mysmtp/contracts';
import type { ErasureDocument, Sweep } from './ledger.ts';
import type { SagaDeps } from './deps.ts';

/** What a sweep found, and the stores that it could not read. For those the result is unknown, not zero. */
export interface SweepResult {
  readonly sweep: Sweep;
  readonly unreadable: readonly string[];
  readonly leftovers: readonly string[];
}

/** Has the verifier search these stores for the subject and the canaries. */
export async function sweepStores(
  stores: readonly Collection[],
  erasure: ErasureDocument,
  { verifier, clock, log }: SagaDeps,
): Promise<SweepResult> {
  const { subject, canaries } = erasure;
  const found: { store: string; count: number }[] = [];
  const unreadable: string[] = [];
  for (const { id: store } of stores) {
    try {
      found.push({ store, count: await verifier.count(store, { subject, canaries }) });
    } catch (error) {
      log.warn('erasure.sweep_unreadable', { erasure: erasure._id, store, error });
      unreadable.push(store);
    }
  }
  const leftovers = found.filter(({ count }) => count > 0).map(({ store }) => store);
  return { sweep: { at: new Date(clock.now()), found }, unreadable, leftovers };
}
