import type { ServiceName } from '@mysmtp/contracts';
import { resendUntilAnswered, markerFor, purgeCommand } from '../resend.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaDeps, Turn } from '../deps.ts';
import { validReceipts } from '../valid-receipts.ts';

const pauseAfterLeftovers = 5_000;

/**
 * A service counts as working if it reported progress within this many periods: one or two reports may be
 * lost.
 */
const periodsUntilSilent = 3;

/**
 * The other services receive identity's deletions as events and delete too. So identity is asked after
 * they have answered, because each of them counts its records before its purge.
 */
const last: ServiceName = 'identity';

/**
 * Purges every store, and sends a marker through every queue. Completes when each of them has given a
 * receipt in this round; a silent store never counts as done. A service that is working does not count as
 * silent. It is not asked again, because it would start the same work twice.
 */
export async function purge(erasure: ErasureDocument, deps: SagaDeps): Promise<Turn> {
  const { answers, registry, clock, progressEvery, patience } = deps;
  // A sweep found something after the last round. The process that writes it may still be running.
  const isEarly = clock.now() - erasure.since.getTime() < pauseAfterLeftovers;
  if (erasure.leftovers.length > 0 && isEarly) return { waitingFor: [] };
  const queues = registry.queues.filter(({ marker }) => marker);
  const stores = registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  // Each turn asks for all of them. The certificate is issued after another check of each.
  const given = await validReceipts(erasure, deps, deps.verified);
  const answered = new Set(given.filter(({ at }) => at >= erasure.since).map(({ store }) => store));
  const unanswered = ({ id }: { readonly id: string }): boolean => !answered.has(id);
  const open = stores.filter(unanswered);
  const passing = queues.filter(unanswered);
  if (open.length === 0 && passing.length === 0) return { next: 'sweeping' };
  const since = new Date(
    Math.max(clock.now() - periodsUntilSilent * progressEvery, erasure.since.getTime()),
  );
  const working = new Set(await answers.workingSince(erasure._id, since));
  const silent = open.filter(({ service }) => !working.has(service));
  const silentOthers = silent.filter(({ service }) => service !== last);
  const isItsTurn = open.every(({ service }) => service === last);
  // A service that is silent for long must not delay the purge of identity.
  const isLate = silentOthers.length > 0 && clock.now() - erasure.since.getTime() > patience;
  const services = new Set(
    (isItsTurn || isLate ? silent : silentOthers).map(({ service }) => service),
  );
  // If it is identity's turn and no service was asked since then, identity is asked without a pause.
  const ofOthers = new Set(stores.flatMap(({ id, service }) => (service === last ? [] : [id])));
  const answeredAt = Math.max(
    ...given.flatMap(({ store, at }) => (ofOthers.has(store) ? [at.getTime()] : [])),
  );
  const isNews = isItsTurn && (erasure.askedAt?.getTime() ?? 0) <= answeredAt;
  await resendUntilAnswered(
    isNews ? { ...erasure, askedAt: null } : erasure,
    [
      ...[...services].map((service) => purgeCommand(service, erasure, progressEvery)),
      ...passing.map(({ queue }) => markerFor(queue, erasure)),
    ],
    deps,
  );
  const unsupported = await answers.unsupportedSince(erasure._id, erasure.since);
  const awaited = [...(isItsTurn ? silent : silentOthers), ...passing];
  return {
    waitingFor: awaited.map(({ id }) => id),
    // The command is resent nevertheless: an upgraded process may answer.
    refused: unsupported
      .filter((name) => awaited.some(({ service }) => service === name))
      .map((name) => `purge of ${erasure.subject.kind} in ${name}`),
  };
}
