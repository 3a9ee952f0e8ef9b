import { serviceNames } from '@mysmtp/contracts';
import { askNowAndThen, commandTo, markerFor } from '../ask.ts';
import type { ErasureDocument } from '../ledger.ts';
import type { SagaMeans, Turn } from '../means.ts';

const pauseAfterLeftovers = 5_000;

/**
 * Has every store emptied of the tenant, and a marker go through every queue. It is done when each of
 * them has given a receipt in this round; a store that is silent never counts as done.
 */
export async function purge(erasure: ErasureDocument, means: SagaMeans): Promise<Turn> {
  const { answers, registry, clock } = means;
  // Something was found after the last round: whoever writes it may still be at it.
  const isEarly = clock.now() - erasure.since.getTime() < pauseAfterLeftovers;
  if (erasure.leftovers.length > 0 && isEarly) return { waitingFor: [] };
  const queues = registry.queues.filter(({ marker }) => marker);
  const stores = registry.collections.filter(({ subject }) => subject?.erased === 'purge');
  const given = await answers.receipts(erasure._id);
  const answered = new Set(given.filter(({ at }) => at >= erasure.since).map(({ store }) => store));
  const missing = [...stores, ...queues].filter(({ id }) => !answered.has(id));
  if (missing.length === 0) return { next: 'sweeping' };

  const silent = new Set(missing.map(({ id }) => id));
  const services = serviceNames.filter((service) =>
    stores.some((store) => store.service === service && silent.has(store.id)),
  );
  await askNowAndThen(
    erasure,
    [
      ...services.map((service) => commandTo(service, 'purge', erasure)),
      ...queues.filter(({ id }) => silent.has(id)).map(({ queue }) => markerFor(queue, erasure)),
    ],
    means,
  );
  return { waitingFor: [...silent] };
}
