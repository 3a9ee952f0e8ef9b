import { hour } from '@mysmtp/contracts';
import { retentionGauges, type Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Upkeep } from '../shelf/upkeep.ts';

const states = ['ready', 'claimed', 'held'] as const;
const store = 'delivery.shelf';

/** Size and age of the shelf, asked of the database now and then rather than at every scrape. */
export function shelfMeasure(means: {
  upkeep: Upkeep;
  clock: Clock;
  metrics: Registry;
  /** Life of a message; a report is a message of its own. */
  expiry: number;
}): () => Promise<void> {
  const { upkeep, clock, metrics, expiry } = means;
  const size = new Gauge({
    name: 'mysmtp_shelf_messages',
    help: 'Messages on the shelf, by state.',
    labelNames: ['state'],
    registers: [metrics],
  });
  const gauges = retentionGauges({ store, limit: expiry + hour, clock, metrics });
  /** Where the oldest was: messages come to the shelf soon after acceptance, seldom before it. */
  let since = 0;
  let lookedFromStart = 0;

  return async () => {
    const now = clock.now();
    for (const state of states) size.set({ state }, await upkeep.count(state));
    if (now - lookedFromStart >= hour) {
      lookedFromStart = now;
      since = 0;
    }
    const oldest = await upkeep.oldest(since, now);
    since = (oldest ?? now) - hour;
    gauges.looked(oldest);
  };
}
