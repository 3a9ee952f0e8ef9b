import { composeCertificate } from '../certificate.ts';
import type { ErasureDocument } from '../ledger.ts';
import { lookInto } from '../look.ts';
import type { SagaMeans, Turn } from '../means.ts';

/**
 * Looks once more, now that the keys are gone, in every store; then the certificate says what was done.
 * What turns up now was written after the purge: everything is purged again.
 */
export async function sweepAgain(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { registry, answers, certificates, clock, log } = means;
  const stores = registry.collections.filter(({ subject }) => subject !== null);
  const { sweep, blind, leftovers } = await lookInto(stores, erasure, means);
  for (const store of leftovers) log.error('erasure.leftovers', { erasure: erasure._id, store });
  if (leftovers.length > 0) return { next: 'purging', changes: { leftovers } };
  if (blind.length > 0) return { waitingFor: blind };

  const completedAt = new Date(clock.now());
  const sweeps = [...erasure.sweeps, sweep];
  const certificate = composeCertificate({
    erasure: { ...erasure, sweeps, completedAt },
    receipts: await answers.receipts(erasure._id),
    acknowledgements: await answers.acknowledgements(erasure._id),
    registry,
    serviceKeys: certificates.serviceKeys,
  });
  return {
    next: 'completed_live',
    changes: {
      leftovers: [],
      sweeps,
      completedAt,
      certificate: await certificates.sign(certificate),
    },
  };
}
