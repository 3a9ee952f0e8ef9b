import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Upkeep } from '../shelf/upkeep.ts';

const states = ['ready', 'claimed', 'held'] as const;
const hour = 3_600_000;
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
  const age = new Gauge({
    name: 'mysmtp_oldest_personal_record_age_seconds',
    help: 'Age of the oldest personal record of a store; 0 where there is none.',
    labelNames: ['store'],
    registers: [metrics],
  });
  const limit = new Gauge({
    name: 'mysmtp_retention_limit_seconds',
    help: 'How old a personal record of a store may become.',
    labelNames: ['store'],
    registers: [metrics],
  });
  limit.set({ store }, expiry / 1_000 + 3_600);
  /** Where the oldest was: messages come to the shelf soon after acceptance, seldom before it. */
  let since = 0;
  let lookedFromStart = 0;

  return async () => {
    const now = clock.now();
    for (const state of states) size.set({ state }, await upkeep.count(state));
    if (now - lookedFromStart >= hour) {
      lookedFromStart = now;
      since = now - 3 * expiry;
    }
    const oldest = await upkeep.oldest(since, now);
    since = (oldest ?? now) - hour;
    age.set({ store }, oldest === undefined ? 0 : Math.max(0, now - oldest) / 1_000);
  };
}
