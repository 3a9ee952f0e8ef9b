import type { Collection } from '@mysmtp/contracts';
import type { ErasureDocument, Sweep } from './ledger.ts';
import type { SagaMeans } from './means.ts';

/** What a sweep saw, or where it could not look: nothing seen there means nothing. */
export interface Look {
  readonly sweep: Sweep;
  readonly blind: readonly string[];
  readonly leftovers: readonly string[];
}

/** Has the verifier look for the subject and the canaries in these stores. */
export async function lookInto(
  stores: readonly Collection[],
  erasure: ErasureDocument,
  { verifier, clock, log }: SagaMeans,
): Promise<Look> {
  const { subject, canaries } = erasure;
  const found: { store: string; count: number }[] = [];
  const blind: string[] = [];
  for (const { id: store } of stores) {
    try {
      found.push({ store, count: await verifier.count(store, { subject, canaries }) });
    } catch (error) {
      log.warn('erasure.sweep_blind', { erasure: erasure._id, store, error });
      blind.push(store);
    }
  }
  const leftovers = found.filter(({ count }) => count > 0).map(({ store }) => store);
  return { sweep: { at: new Date(clock.now()), found }, blind, leftovers };
}
