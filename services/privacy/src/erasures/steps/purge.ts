import type { ServiceName } from '@mysmtp/contracts';
import { askNowAndThen, markerFor, purgeCommand } from '../ask.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaMeans, Turn } from '../means.ts';
import { provingReceipts } from '../proofs.ts';

const pauseAfterLeftovers = 5_000;

/** A service is at work if it reported progress within so many periods: one or two reports may be lost. */
const periodsUntilSilent = 3;

/**
 * What identity removes the others hear of by event, and remove too. So it is asked when they have
 * answered: each of them counts what it has before its purge.
 */
const last: ServiceName = 'identity';

/**
 * Has every store emptied of the tenant, and a marker go through every queue. It is done when each of
 * them has given a receipt in this round; a store that is silent never counts as done. A service that
 * is at it is neither asked again, which would begin the same beside it, nor called silent.
 */
export async function purge(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { answers, registry, clock, progressEvery, patience } = means;
  // Something was found after the last round: whoever writes it may still be at it.
  const isEarly = clock.now() - erasure.since.getTime() < pauseAfterLeftovers;
  if (erasure.leftovers.length > 0 && isEarly) return { waitingFor: [] };
  const queues = registry.queues.filter(({ marker }) => marker);
  const stores = registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  const given = await provingReceipts(erasure, means);
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
  // One that is silent for long does not keep identity's data alive.
  const isLate = silentOthers.length > 0 && clock.now() - erasure.since.getTime() > patience;
  const services = new Set(
    (isItsTurn || isLate ? silent : silentOthers).map(({ service }) => service),
  );
  // Where it is identity's turn and nobody was asked since then, identity does not wait for a pause.
  const ofOthers = new Set(stores.flatMap(({ id, service }) => (service === last ? [] : [id])));
  const answeredAt = Math.max(
    ...given.flatMap(({ store, at }) => (ofOthers.has(store) ? [at.getTime()] : [])),
  );
  const isNews = isItsTurn && (erasure.askedAt?.getTime() ?? 0) <= answeredAt;
  await askNowAndThen(
    isNews ? { ...erasure, askedAt: null } : erasure,
    [
      ...[...services].map((service) => purgeCommand(service, erasure, progressEvery)),
      ...passing.map(({ queue }) => markerFor(queue, erasure)),
    ],
    means,
  );
  const unsupported = await answers.unsupportedSince(erasure._id, erasure.since);
  const awaited = [...(isItsTurn ? silent : silentOthers), ...passing];
  return {
    waitingFor: awaited.map(({ id }) => id),
    // It is asked on: an upgraded process may answer.
    refused: unsupported
      .filter((name) => awaited.some(({ service }) => service === name))
      .map((name) => `purge of ${erasure.subject.kind} in ${name}`),
  };
}
