import { retentionGauges, type Clock } from '@mysmtp/service';
import { hour, type ServiceName } from '@mysmtp/contracts';
import type { Registry } from 'prom-client';
import type { Tally } from './tally.ts';

const retention = 30 * 24 * hour;

/** How often to run it. */
export const tallyExpiryPeriod = hour;

/** A job: counts of erasures are forgotten long after their receipts are given. */
export function tallyExpiry(means: {
  readonly service: ServiceName;
  readonly tally: Tally;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { service, tally, clock, metrics } = means;
  const store = `${service}.purges`;
  const gauges = retentionGauges({ store, limit: retention + hour, clock, metrics });
  return async () => {
    await tally.removeOlderThan(new Date(clock.now() - retention));
    gauges.looked(await tally.oldest());
  };
}
