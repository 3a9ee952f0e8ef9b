import { retentionGauges, type Clock } from '@mysmtp/service';
import { hour, type ServiceName } from '@mysmtp/contracts';
import type { Registry } from 'prom-client';
import type { DeletionCounts } from './deletion-counts.ts';

const retention = 30 * 24 * hour;

/** How often to run it. */
export const deletionCountExpiryPeriod = hour;

/** A job: deletes the counts of erasures long after their receipts are given. */
export function deletionCountExpiry(deps: {
  readonly service: ServiceName;
  readonly deletionCounts: DeletionCounts;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { service, deletionCounts, clock, metrics } = deps;
  const store = `${service}.deletionCounts`;
  const gauges = retentionGauges({ store, limit: retention + hour, clock, metrics });
  return async () => {
    await deletionCounts.removeOlderThan(new Date(clock.now() - retention));
    gauges.looked(await deletionCounts.oldest());
  };
}
