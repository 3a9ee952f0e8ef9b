import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';
import type { DayCollections } from '../messages/day-collections.ts';
import { oldestAcceptance, removeOlderThan } from '../messages/retention.ts';

const store = 'logging.messages';
/** What is due may wait this long for its removal. */
const grace = 3_600_000;

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
  const { days, retention, clock, log } = means;
  const registers = [means.metrics];
  /** Acceptance of the oldest row that the last round left. */
  let oldest: number | undefined;

  new Gauge({
    name: 'mysmtp_retention_limit_seconds',
    help: 'No record may become older than this: the retention, and an hour for the job.',
    labelNames: ['store'],
    registers,
  }).set({ store }, (retention + grace) / 1_000);
  const age = new Gauge({
    name: 'mysmtp_oldest_personal_record_age_seconds',
    help: 'Age of the oldest record that the last round of retention left; 0 where there is none.',
    labelNames: ['store'],
    registers,
    async collect() {
      oldest ??= await findOldest();
      age.set({ store }, oldest === undefined ? 0 : (clock.now() - oldest) / 1_000);
    },
  });

  function findOldest(): Promise<number | undefined> {
    return oldestAcceptance(days, clock.now());
  }

  return async () => {
    await removeOlderThan(clock.now() - retention, days, log);
    oldest = await findOldest();
  };
}
