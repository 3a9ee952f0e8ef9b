import { statuses, type Status } from '@mysmtp/contracts';
import type { DayCollections, RowCollection } from './day-collections.ts';
import { lowestRowId } from './row-id.ts';
import { partsOf, wholeDay, type Bucket } from './time-buckets.ts';

/** Few enough that other clients of the database hardly notice, many enough that a delete is worth its sync. */
const rowsPerDelete = 2_000;
/** Rows are spread unevenly: parts are cut as if there were so many more. */
const allowance = 1.2;

type Count = (removed: number) => Promise<void>;

interface Whose {
  readonly tenant: string;
  readonly status: Status;
}

/** Deletes every row of a tenant and counts as it goes. Doing it again finds what is left. */
export async function purgeRows(days: DayCollections, tenant: string, count: Count): Promise<void> {
  for (const name of await days.days()) {
    const day = wholeDay(name);
    const collection = days.at(day.from);
    // Status by status, so that counting and deleting both walk the index by tenant and read no other row.
    for (const status of statuses) await purgeSpan(collection, { tenant, status }, day, count);
    // And whatever has a status that nobody knows.
    const { deletedCount } = await collection.deleteMany({ tenant });
    await count(deletedCount);
  }
}

/**
 * Cuts a span of time until what is left of it can be deleted at once. Rows are counted and never
 * fetched: to read their ids here would cost as much again as a quarter of the delete.
 */
async function purgeSpan(
  collection: RowCollection,
  whose: Whose,
  span: Bucket,
  count: Count,
): Promise<void> {
  const _id = { $gte: lowestRowId(span.from), $lt: lowestRowId(span.below) };
  const rows = { ...whose, _id };
  const found = await collection.countDocuments(rows);
  if (found === 0) return;
  const parts = found <= rowsPerDelete ? 1 : Math.ceil((found * allowance) / rowsPerDelete);
  if (parts === 1 || span.below - span.from <= 1) {
    const { deletedCount } = await collection.deleteMany(rows);
    await count(deletedCount);
    return;
  }
  for (const part of partsOf(span, parts)) await purgeSpan(collection, whose, part, count);
}
