import {
  Canaries,
  canaryAddress,
  hour,
  type ServiceName,
  type Subject,
  type SubjectKind,
} from '@mysmtp/contracts';
import { resendUntilAnswered, plantCommand } from '../resend.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaDeps, Turn } from '../deps.ts';

/** The services that plant canaries, and the canaries, by kind of subject. */
const planting = {
  tenant: {
    planters: ['identity', 'ingress', 'delivery', 'logging', 'privacy'],
    canaries: Canaries.keyof().options,
  },
  // The data of a person is mail, and events about mail.
  person: { planters: ['ingress', 'privacy'], canaries: ['message', 'letter'] },
} as const satisfies Record<
  SubjectKind,
  { readonly planters: readonly ServiceName[]; readonly canaries: readonly (keyof Canaries)[] }
>;

/** While a store is away, at most one new canary is planted in this time. Milliseconds. */
const longestPause = hour;

/**
 * Plants canaries through the ordinary interfaces. Completes once the verifier has found them in every
 * store. Only then does a later zero prove anything.
 */
export async function plant(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { verifier, ledger, registry, clock, log, patience } = deps;
  const { subject, canaries } = erasure;
  const wantedOf = planting[subject.kind];
  const ask = (): Promise<void> => {
    const commands = wantedOf.planters.map((service) => plantCommand(service, erasure));
    return resendUntilAnswered(erasure, commands, deps, longestPause);
  };
  const missing = wantedOf.canaries.filter((name) => canaries[name] === undefined);
  if (missing.length > 0) {
    await ask();
    return { waitingFor: missing.map((name) => `canary ${name}`) };
  }
  // A person's own records prove nothing: there may be none. So the planted person is searched for.
  const searched: Subject =
    subject.kind === 'tenant'
      ? subject
      : { ...subject, person: await deps.personOf(subject.tenant, canaryAddress) };
  const wanted = { subject: searched, canaries };
  const stores = verifier.stores(subject.kind);
  // Stores that were seen under another coverage, before an upgrade, must be seen again.
  const before = erasure.seenUnder === registry.version ? erasure.seen : [];
  const seen = new Set(before);
  const unknown = stores.filter((store) => !seen.has(store));
  // All at once: each store of a database that is away takes the whole time limit of the verifier.
  const sees = await Promise.all(
    unknown.map((store) =>
      verifier.seesCanary(store, wanted).catch((error: unknown) => {
        log.warn('erasure.sweep_unreadable', { erasure: erasure._id, store, error });
        return false;
      }),
    ),
  );
  for (const [n, store] of unknown.entries()) if (sees[n] === true) seen.add(store);
  if (seen.size > before.length) {
    const confirmed = { seen: [...seen], seenUnder: registry.version };
    await ledger.updateOne({ _id: erasure._id }, confirmed);
  }
  const unseen = stores.filter((store) => !seen.has(store));
  if (unseen.length === 0) return { next: 'fencing' };
  // A canary may be lost in transit: events before the final state are sent only once. So another one is
  // planted.
  if (clock.now() - erasure.since.getTime() > patience) await ask();
  return { waitingFor: unseen };
}
