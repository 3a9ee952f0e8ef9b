import { Canaries, hour } from '@mysmtp/contracts';
import { resendUntilAnswered, plantCommand } from '../resend.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaDeps, Turn } from '../deps.ts';

/** The services that plant canaries. */
const planters = ['identity', 'ingress', 'logging', 'privacy'] as const;

/** While a store is away, at most one new canary is planted in this time. Milliseconds. */
const longestPause = hour;

/**
 * Plants canaries through the ordinary interfaces. Completes once the verifier has found them in every
 * store. Only then does a later zero prove anything.
 */
export async function plant(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { verifier, ledger, registry, clock, log, patience } = deps;
  const ask = (): Promise<void> => {
    const commands = planters.map((service) => plantCommand(service, erasure));
    return resendUntilAnswered(erasure, commands, deps, longestPause);
  };
  const canaries = Canaries.safeParse(erasure.canaries);
  if (!canaries.success) {
    await ask();
    const missing = Object.keys(Canaries.shape).filter((name) => !(name in erasure.canaries));
    return { waitingFor: missing.map((name) => `canary ${name}`) };
  }
  const wanted = { subject: erasure.subject, canaries: canaries.data };
  // Stores that were seen under another coverage, before an upgrade, must be seen again.
  const before = erasure.seenUnder === registry.version ? erasure.seen : [];
  const seen = new Set(before);
  for (const store of verifier.stores()) {
    if (seen.has(store)) continue;
    const sees = await verifier.seesCanary(store, wanted).catch((error: unknown) => {
      log.warn('erasure.sweep_unreadable', { erasure: erasure._id, store, error });
      return false;
    });
    if (sees) seen.add(store);
  }
  if (seen.size > before.length) {
    const confirmed = { seen: [...seen], seenUnder: registry.version };
    await ledger.updateOne({ _id: erasure._id }, confirmed);
  }
  const unseen = verifier.stores().filter((store) => !seen.has(store));
  if (unseen.length === 0) return { next: 'fencing' };
  // A canary may be lost in transit: events before the final state are sent only once. So another one is
  // planted.
  if (clock.now() - erasure.since.getTime() > patience) await ask();
  return { waitingFor: unseen };
}
