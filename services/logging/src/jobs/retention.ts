import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { DayCollections } from '../messages/day-collections.ts';
import { oldestAcceptance, removeOlderThan } from '../messages/retention.ts';

const store = 'logging.messages';
/** How late a due row may be removed. */
const grace = hour;

/** Twice as often as necessary, so that a run may fail or take long. */
export const retentionPeriod = grace / 2;

/**
 * One run of retention, which leaves nothing older than `retention`. Between runs nothing becomes more
 * than an hour older (GDPR Art. 5(1)(e)).
 */
export function createRetention(deps: {
  readonly days: DayCollections;
  readonly retention: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { days, retention, clock, log, metrics } = deps;
  const gauges = retentionGauges({ store, limit: retention + grace, clock, metrics });

  return async () => {
    await removeOlderThan(clock.now() - retention, days, log);
    gauges.looked(await oldestAcceptance(days, clock.now()));
  };
}
