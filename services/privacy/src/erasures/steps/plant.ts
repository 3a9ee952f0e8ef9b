import { Canaries, hour } from '@mysmtp/contracts';
import { askNowAndThen, plantCommand } from '../ask.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaMeans, Turn } from '../means.ts';

/** Who plants what the verifier will look for. */
const planters = ['identity', 'ingress', 'privacy'] as const;

/** A store that is away for long gets no more than one new canary in this time. Milliseconds. */
const longestPause = hour;

/**
 * Plants canaries through the ordinary ways in, and goes on once the verifier has found them in every
 * store: only then does a zero, later, mean anything.
 */
export async function plant(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { verifier, ledger, registry, clock, log, patience } = means;
  const ask = (): Promise<void> => {
    const commands = planters.map((service) => plantCommand(service, erasure));
    return askNowAndThen(erasure, commands, means, longestPause);
  };
  const canaries = Canaries.safeParse(erasure.canaries);
  if (!canaries.success) {
    await ask();
    const missing = Object.keys(Canaries.shape).filter((name) => !(name in erasure.canaries));
    return { waitingFor: missing.map((name) => `canary ${name}`) };
  }
  const wanted = { subject: erasure.subject, canaries: canaries.data };
  // What was seen by another coverage, before an upgrade, has to be seen again.
  const before = erasure.seenUnder === registry.version ? erasure.seen : [];
  const seen = new Set(before);
  for (const store of verifier.stores()) {
    if (seen.has(store)) continue;
    const sees = await verifier.seesCanary(store, wanted).catch((error: unknown) => {
      log.warn('erasure.sweep_blind', { erasure: erasure._id, store, error });
      return false;
    });
    if (sees) seen.add(store);
  }
  if (seen.size > before.length) {
    const sight = { seen: [...seen], seenUnder: registry.version };
    await ledger.updateOne({ _id: erasure._id }, sight);
  }
  const unseen = verifier.stores().filter((store) => !seen.has(store));
  if (unseen.length === 0) return { next: 'fencing' };
  // One may have been lost on its way: what the usage log is told before a message is final is only
  // told once. Another is planted.
  if (clock.now() - erasure.since.getTime() > patience) await ask();
  return { waitingFor: unseen };
}
