import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { Upkeep } from '../shelf/upkeep.ts';

const states = ['ready', 'claimed', 'held'] as const;
const hour = 3_600_000;

/** Size and age of the shelf, asked of the database now and then rather than at every scrape. */
export function shelfMeasure(means: {
  upkeep: Upkeep;
  clock: Clock;
  metrics: Registry;
  /** Nothing on the shelf was accepted longer ago. */
  longestLife: number;
}): () => Promise<void> {
  const { upkeep, clock, metrics, longestLife } = means;
  const size = new Gauge({
    name: 'mysmtp_shelf_messages',
    help: 'Messages on the shelf, by state.',
    labelNames: ['state'],
    registers: [metrics],
  });
  const age = new Gauge({
    name: 'mysmtp_shelf_oldest_seconds',
    help: 'Time since the acceptance of the oldest message on the shelf; 0 where there is none.',
    registers: [metrics],
  });
  /** Where the oldest was: messages come to the shelf soon after acceptance, seldom before it. */
  let since = 0;
  let lookedFromStart = 0;

  return async () => {
    const now = clock.now();
    for (const state of states) size.set({ state }, await upkeep.count(state));
    if (now - lookedFromStart >= hour) {
      lookedFromStart = now;
      since = now - longestLife;
    }
    const oldest = await upkeep.oldest(since, now);
    since = (oldest ?? now) - hour;
    age.set(oldest === undefined ? 0 : Math.max(0, now - oldest) / 1_000);
  };
}
