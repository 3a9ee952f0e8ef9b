import { verify } from '@mysmtp/certificate';
import { answeringStores } from '@mysmtp/contracts';
import { composeCertificate, frozen } from '../certificate.ts';
import type { ErasureDocument } from '../ledger.ts';
import { sweepStores } from '../sweep-stores.ts';
import type { SagaDeps, Turn } from '../deps.ts';
import { validReceipts } from '../valid-receipts.ts';
import { unconfirmed, withConfirmedStores } from '../confirmed-stores.ts';

/**
 * Sweeps every store again after the keys are destroyed, then issues the certificate. Anything found now
 * was written after the purge, so everything is purged again. The same happens if a receipt is no longer
 * valid.
 */
export async function sweepAgain(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { registry, answers, certificates, clock, log } = deps;
  const stores = registry.collections.filter(({ subject }) => subject !== null);
  const seeing = await withConfirmedStores(erasure, deps);
  if (seeing === undefined) return { waitingFor: [unconfirmed(registry)] };
  const { sweep, unreadable, leftovers } = await sweepStores(stores, seeing, deps);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: erasure._id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (unreadable.length > 0) return { waitingFor: unreadable };

  const receipts = await validReceipts(erasure, deps);
  const proven = new Set(receipts.map(({ store }) => store));
  const unproven = [...answeringStores(registry).keys()].filter((store) => !proven.has(store));
  for (const store of unproven)
    log.warn('erasure.receipt_outdated', { erasure: erasure._id, store });
  if (unproven.length > 0) return { next: 'purging' };

  const completedAt = new Date(clock.now());
  const sweeps = [...erasure.sweeps, sweep];
  const certificate = await certificates.sign(
    composeCertificate({
      erasure: { ...seeing, sweeps, completedAt },
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
  return { next: 'completed_live', changes: { leftovers: [], sweeps, completedAt, certificate } };
}
