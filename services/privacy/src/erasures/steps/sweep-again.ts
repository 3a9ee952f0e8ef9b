import { verify } from '@mysmtp/certificate';
import { answeringStores } from '@mysmtp/contracts';
import { composeCertificate, frozen } from '../certificate.ts';
import type { ErasureDocument } from '../ledger.ts';
import { lookInto } from '../look.ts';
import type { SagaMeans, Turn } from '../means.ts';
import { provingReceipts } from '../proofs.ts';
import { unseen, withSight } from '../sight.ts';

/**
 * Looks once more, now that the keys are gone, in every store; then the certificate says what was done.
 * What turns up now was written after the purge: everything is purged again. So it is where a receipt
 * proves nothing any more.
 */
export async function sweepAgain(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { registry, answers, certificates, clock, log } = means;
  const stores = registry.collections.filter(({ subject }) => subject !== null);
  const seeing = await withSight(erasure, means);
  if (seeing === undefined) return { waitingFor: [unseen(registry)] };
  const { sweep, blind, leftovers } = await lookInto(stores, seeing, means);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: erasure._id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (blind.length > 0) return { waitingFor: blind };

  const receipts = await provingReceipts(erasure, means);
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
  // There is one certificate and no second: one that a stranger would refuse is not given.
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
