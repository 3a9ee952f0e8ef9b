import { statuses } from '@mysmtp/contracts';
import type { mongo } from 'mongoose';
import type { DayCollections } from './day-collections.ts';
import { lowestRowId } from './row-id.ts';
import type { Row } from './row.ts';
import { partsOf, wholeDay, type Bucket } from './time-buckets.ts';

/** Few enough that other clients of the database hardly notice, many enough that a delete is worth its sync. */
const rowsPerDelete = 2_000;
/** Rows are spread unevenly: parts are cut as if there were so many more. */
const allowance = 1.2;

type Count = (removed: number) => Promise<void>;

interface Portion {
  readonly day: Bucket;
  readonly rows: mongo.Filter<Row>;
}

/** Deletes every row of a tenant and counts as it goes. Doing it again finds what is left. */
export async function purgeRows(days: DayCollections, tenant: string, count: Count): Promise<void> {
  const remove = async ({ day, rows }: Portion): Promise<void> => {
    const { deletedCount } = await days.at(day.from).deleteMany(rows);
    await count(deletedCount);
  };
  const all = (await days.days()).map(wholeDay);
  const portions = portionsOf(days, all, tenant);
  // While one is deleted the next is found.
  for (let found = await portions.next(); found.done !== true;) {
    [found] = await Promise.all([portions.next(), remove(found.value)]);
  }
  // And whatever has a status that nobody knows.
  for (const day of all) await remove({ day, rows: { tenant } });
}

/** Status by status, so that counting and deleting both walk the index by tenant and read no other row. */
async function* portionsOf(
  days: DayCollections,
  all: readonly Bucket[],
  tenant: string,
): AsyncGenerator<Portion> {
  for (const day of all) {
    for (const status of statuses) {
      for await (const rows of portionsWithin(days, { tenant, status }, day)) yield { day, rows };
    }
  }
}

/**
 * Cuts a span of time until what lies in each part can be deleted at once. Rows are counted and never
 * fetched: reading their ids would cost a quarter of what deleting them does.
 */
async function* portionsWithin(
  days: DayCollections,
  whose: mongo.Filter<Row>,
  span: Bucket,
): AsyncGenerator<mongo.Filter<Row>> {
  const _id = { $gte: lowestRowId(span.from), $lt: lowestRowId(span.below) };
  const rows = { ...whose, _id };
  const found = await days.count(span.from, rows);
  if (found === 0) return;
  if (found <= rowsPerDelete || span.below - span.from <= 1) {
    yield rows;
    return;
  }
  const parts = Math.ceil((found * allowance) / rowsPerDelete);
  for (const part of partsOf(span, parts)) yield* portionsWithin(days, whose, part);
}
