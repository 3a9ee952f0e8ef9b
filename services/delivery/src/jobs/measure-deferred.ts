import { hour } from '@mysmtp/contracts';
import { retentionGauges, type Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Maintenance } from '../deferred/maintenance.ts';

const states = ['ready', 'leased', 'held'] as const;
const store = 'delivery.deferred';

/** Size and age of the deferred queue, read from the database periodically and not at every scrape. */
export function measureDeferred(deps: {
  maintenance: Maintenance;
  clock: Clock;
  metrics: Registry;
  /** Life of a message; a DSN is a separate message. */
  expiry: number;
}): () => Promise<void> {
  const { maintenance, clock, metrics, expiry } = deps;
  const size = new Gauge({
    name: 'mysmtp_deferred_messages',
    help: 'Messages in the deferred queue, by state.',
    labelNames: ['state'],
    registers: [metrics],
  });
  const gauges = retentionGauges({ store, limit: expiry + hour, clock, metrics });
  /**
   * Acceptance time from which the next search begins. Messages are deferred soon after acceptance, so an
   * older one is rare.
   */
  let since = 0;
  let scannedFromStart = 0;

  return async () => {
    const now = clock.now();
    for (const state of states) size.set({ state }, await maintenance.count(state));
    if (now - scannedFromStart >= hour) {
      scannedFromStart = now;
      since = 0;
    }
    const oldest = await maintenance.oldest(since, now);
    since = (oldest ?? now) - hour;
    gauges.update(oldest);
  };
}
