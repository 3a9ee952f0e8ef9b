import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { DayCollections } from '../messages/day-collections.ts';
import { oldestAcceptance, removeOlderThan } from '../messages/retention.ts';

const store = 'logging.messages';
/** What is due may wait this long for its removal. */
const grace = hour;

/** Twice as often as it must, so that a round may fail or take long. */
export const retentionPeriod = grace / 2;

/**
 * One round of retention, which leaves nothing older than `retention`. Between rounds nothing
 * becomes older than that and an hour (GDPR Art. 5(1)(e)).
 */
export function createRetention(means: {
  readonly days: DayCollections;
  readonly retention: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { days, retention, clock, log, metrics } = means;
  const gauges = retentionGauges({ store, limit: retention + grace, clock, metrics });

  return async () => {
    await removeOlderThan(clock.now() - retention, days, log);
    gauges.looked(await oldestAcceptance(days, clock.now()));
  };
}
