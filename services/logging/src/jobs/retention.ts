import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { DayCollections } from '../messages/day-collections.ts';
import { deleteRows } from '../messages/delete-rows.ts';
import { acceptedAtOf, lowestRowId } from '../messages/row-id.ts';
import { bucketsOn, wholeDay } from '../messages/time-buckets.ts';

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
    gauges.update(await oldestAcceptance(days, clock.now()));
  };
}

/**
 * Removes every row that was accepted before `limit`. Whole days are dropped; the day at the boundary is
 * deleted row by row. Idempotent, also if it runs twice at once.
 */
async function removeOlderThan(limit: number, days: DayCollections, log: Logger): Promise<void> {
  for (const name of await days.days()) {
    const day = wholeDay(name);
    if (day.from >= limit) break;
    if (day.below <= limit) {
      await days.drop(name);
      log.info('retention.day_dropped', { day: name });
      continue;
    }
    let count = 0;
    await deleteRows(days, {}, { from: day.from, below: limit }, (removed) => {
      count += removed;
    });
    log.info('retention.rows_deleted', { day: name, count });
  }
}

/** Acceptance time of the oldest row; `undefined` if there is none. */
async function oldestAcceptance(days: DayCollections, until: number): Promise<number | undefined> {
  for (const name of await days.days()) {
    const day = wholeDay(name);
    for (const bucket of bucketsOn(day.from, Math.min(day.below, until))) {
      const [oldest] = await days
        .at(day.from)
        .find(
          { _id: { $gte: lowestRowId(bucket.from), $lt: lowestRowId(bucket.below) } },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(1)
        .toArray();
      if (oldest !== undefined) return acceptedAtOf(oldest._id);
    }
  }
  return undefined;
}
