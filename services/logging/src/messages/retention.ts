import type { Logger } from '@mysmtp/log';
import type { DayCollections } from './day-collections.ts';
import { acceptedAtOf, lowestRowId } from './row-id.ts';
import { bucketsOn, wholeDay } from './time-buckets.ts';

/** Small enough that other clients of the database hardly notice. */
const rowsPerDelete = 1_000;

/**
 * Removes every row that was accepted before `limit`: whole days by a drop, the earlier part of the
 * day at the boundary row by row. Doing it again, or twice at once, changes nothing.
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
    const count = await removePart(days, day.from, limit);
    log.info('retention.rows_deleted', { day: name, count });
  }
}

async function removePart(days: DayCollections, from: number, below: number): Promise<number> {
  const collection = days.at(from);
  let count = 0;
  let ids: string[] = [];
  const remove = async () => {
    const result = await collection.deleteMany({ _id: { $in: ids } });
    count += result.deletedCount;
    ids = [];
  };
  const old = { _id: { $gte: lowestRowId(from), $lt: lowestRowId(below) } };
  for await (const { _id } of collection.find(old, { projection: { _id: 1 } })) {
    ids.push(_id);
    if (ids.length === rowsPerDelete) await remove();
  }
  if (ids.length > 0) await remove();
  return count;
}

/** When the oldest row was accepted that there is; `undefined` where there is none. */
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
