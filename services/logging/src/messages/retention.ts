import type { Logger } from '@mysmtp/log';
import type { DayCollections } from './day-collections.ts';
import { deleteRows } from './delete-rows.ts';
import { acceptedAtOf, lowestRowId } from './row-id.ts';
import { bucketsOn, wholeDay } from './time-buckets.ts';

/**
 * Removes every row that was accepted before `limit`. Whole days are dropped; the day at the boundary is
 * deleted row by row. Idempotent, also if it runs twice at once.
 */
export async function removeOlderThan(
  limit: number,
  days: DayCollections,
  log: Logger,
): Promise<void> {
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
export async function oldestAcceptance(
  days: DayCollections,
  until: number,
): Promise<number | undefined> {
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
