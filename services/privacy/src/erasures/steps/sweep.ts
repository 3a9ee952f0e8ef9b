import { verify } from '@mysmtp/certificate';
import { answeringStores, type Collection } from '@mysmtp/contracts';
import { composeCertificate, frozen } from '../certificate.ts';
import { unconfirmed, withConfirmedStores } from '../confirmed-stores.ts';
import type { SagaDeps, Turn } from '../deps.ts';
import type { ErasureDocument, Step, Sweep } from '../ledger.ts';
import { validReceipts } from '../valid-receipts.ts';

/**
 * The verifier checks that the purges are complete. It shares no code with them and cannot write. If it
 * finds something, everything is purged again. The erasure counts as failed until it finds nothing.
 */
export async function sweep(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  // Keys are destroyed last. Without them, remaining data could not be distinguished from deleted data.
  const stores = deps.registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  const result = await sweepStores(stores, erasure, deps);
  if (!('sweep' in result)) return result;
  return { next: 'shredding', changes: { leftovers: [], sweeps: [result.sweep] } };
}

/**
 * Sweeps every store again after the keys are destroyed, then issues the certificate. Anything found now
 * was written after the purge, so everything is purged again. The same happens if a receipt is no longer
 * valid.
 */
export async function sweepAgain(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const stores = deps.registry.collections.filter(({ subject }) => subject !== null);
  const result = await sweepStores(stores, erasure, deps);
  if (!('sweep' in result)) return result;
  const sweeps = [...erasure.sweeps, result.sweep];
  return issue({ ...result.confirmed, sweeps }, 'completed_live', deps);
}

/**
 * The sweep after the purge of a person, and the certificate. No key is destroyed: the person shares all of
 * them.
 */
export async function sweepPerson(
  erasure: ErasureDocument<'person'>,
  deps: SagaDeps,
): Promise<Turn> {
  const { registry, verifier } = deps;
  const searched = verifier.stores('person');
  const stores = registry.collections.filter(({ id }) => searched.includes(id));
  const result = await sweepStores(stores, erasure, deps);
  if (!('sweep' in result)) return result;
  return issue({ ...result.confirmed, sweeps: [result.sweep] }, 'lifting', deps);
}

/** Composes the certificate if every receipt is valid. If one is not, its store must answer again. */
async function issue(
  erasure: ErasureDocument,
  next: Step,
  { registry, answers, certificates, clock, log }: SagaDeps,
): Promise<Turn> {
  const receipts = await validReceipts(erasure, { registry, answers, certificates, clock });
  const proven = new Set(receipts.map(({ store }) => store));
  const wanted = answeringStores(registry, erasure.subject.kind);
  const unproven = [...wanted.keys()].filter((store) => !proven.has(store));
  for (const store of unproven)
    log.warn('erasure.receipt_outdated', { erasure: erasure._id, store });
  if (unproven.length > 0) return { next: 'purging' };

  const completedAt = new Date(clock.now());
  const certificate = await certificates.sign(
    composeCertificate({
      erasure: { ...erasure, completedAt },
      receipts,
      acknowledgements: await answers.acknowledgements(erasure._id),
      registry,
      published: certificates.published,
    }),
  );
  // There is only one certificate. It is not issued if an independent check would reject it.
  const { checks } = await verify(certificate, certificates.published, () =>
    Promise.resolve(frozen(registry)),
  );
  const refused = checks.flatMap(({ reasons }) => reasons);
  for (const reason of refused) {
    log.error('erasure.certificate_refused', { erasure: erasure._id, reason });
  }
  if (refused.length > 0) return { waitingFor: ['certificate'] };
  const { sweeps } = erasure;
  return { next, changes: { leftovers: [], sweeps, completedAt, certificate } };
}

/**
 * Has the verifier search these stores for the subject and the canaries. Returns the sweep if nothing is
 * left, with the erasure and its confirmed stores; otherwise the result of the turn. The result for a
 * store that cannot be read is unknown, not zero.
 */
async function sweepStores(
  stores: readonly Collection[],
  erasure: ErasureDocument,
  deps: SagaDeps,
): Promise<Turn | { readonly sweep: Sweep; readonly confirmed: ErasureDocument }> {
  const { registry, verifier, clock, log } = deps;
  const confirmed = await withConfirmedStores(erasure, deps);
  if (confirmed === undefined) return { waitingFor: [unconfirmed(registry)] };
  const { _id, subject, canaries, holds = [] } = confirmed;
  const found: { store: string; count: number }[] = [];
  const unreadable: string[] = [];
  const held = new Set(holds.map(({ store }) => store));
  const searched = stores.filter(({ id }) => !held.has(id));
  // All at once: each store of a database that is away takes the whole time limit of the verifier.
  const counts = await Promise.allSettled(
    searched.map(({ id }) => verifier.count(id, { subject, canaries })),
  );
  for (const [n, { id: store }] of searched.entries()) {
    const count = counts[n];
    if (count?.status === 'fulfilled') {
      found.push({ store, count: count.value });
      continue;
    }
    log.warn('erasure.sweep_unreadable', { erasure: _id, store, error: count?.reason });
    unreadable.push(store);
  }
  const leftovers = found.filter(({ count }) => count > 0).map(({ store }) => store);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: _id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (unreadable.length > 0) return { waitingFor: unreadable };
  return { sweep: { at: new Date(clock.now()), found }, confirmed };
}
