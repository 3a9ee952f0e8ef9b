import type { mongo } from 'mongoose';
import { statuses, timeOfMessageId } from '@mysmtp/contracts';
import type { DayCollections } from './day-collections.ts';
import { lowestRowId, rowsOfMessage } from './row-id.ts';
import type { Row } from './row.ts';
import { type Bucket, wholeDay } from './time-buckets.ts';

/** Deletes every row of a tenant and counts the deleted rows. Idempotent. */
export async function purgeRows(
  days: DayCollections,
  tenant: string,
  count: (removed: number) => Promise<void>,
): Promise<void> {
  for (const day of (await days.days()).map(wholeDay)) {
    // One status at a time, so that counting and deleting use the index by tenant and read no other row.
    for (const status of statuses) await deleteRows(days, { tenant, status }, day, count);
    // Rows with an unknown status.
    const { deletedCount } = await days.at(day.from).deleteMany({ tenant });
    await count(deletedCount);
  }
}

/**
 * Deletes every row of a person, as sender or as recipient, and counts the deleted rows. A person has few rows,
 * so their ids are read. Idempotent.
 */
export async function purgePersonRows(
  days: DayCollections,
  { person, canary }: { readonly person: string; readonly canary: string | undefined },
  count: (removed: number) => Promise<void>,
): Promise<void> {
  if (canary !== undefined) {
    const { from, below } = rowsOfMessage(canary);
    const _id = { $gte: from, $lt: below };
    await days.at(timeOfMessageId(canary)).deleteMany({ _id });
  }
  for (const { from } of (await days.days()).map(wholeDay)) {
    const rows = days.at(from);
    for (const found of [{ recipientIndex: person }, { senderIndex: person }]) {
      for (;;) {
        const some = rows.find(found, { projection: { _id: 1 } }).limit(rowsPerDelete);
        const ids = (await some.toArray()).map(({ _id }) => _id);
        if (ids.length === 0) break;
        await count((await rows.deleteMany({ _id: { $in: ids } })).deletedCount);
      }
    }
  }
}

type Rows = mongo.Filter<Row>;

/** Few enough that other clients of the database hardly notice, many enough to be worth a sync. */
const rowsPerDelete = 2_000;
/** The first time span to count, in milliseconds, and by how much the next one may be wider. */
const spans = { first: 10_000, growth: 4 } as const;
/**
 * Rows are distributed unevenly, so spans are planned for this share of the rows that one delete may
 * have.
 */
const fill = 0.85;

/**
 * Deletes the matching rows of a span, within one UTC day, in portions, and calls `count` for each. The
 * next portion is searched while one is deleted.
 */
export async function deleteRows(
  days: DayCollections,
  rows: Rows,
  span: Bucket,
  count: (removed: number) => void | Promise<void>,
): Promise<void> {
  const remove = async (portion: Rows): Promise<void> => {
    const { deletedCount } = await days.at(span.from).deleteMany(portion);
    await count(deletedCount);
  };
  const portions = portionsOf(days, rows, span);
  for (let found = await portions.next(); found.done !== true;) {
    [found] = await Promise.all([portions.next(), remove(found.value)]);
  }
}

/**
 * Cuts a span into parts that can be deleted at once. The density of the rows in one part determines the
 * width of the next. Rows are counted and never fetched: reading their ids would cost a quarter of
 * deleting them.
 */
async function* portionsOf(days: DayCollections, rows: Rows, span: Bucket): AsyncGenerator<Rows> {
  let width: number = spans.first;
  for (let from = span.from; from < span.below;) {
    width = Math.min(width, span.below - from);
    const below = from + width;
    const portion = { ...rows, _id: { $gte: lowestRowId(from), $lt: lowestRowId(below) } };
    const found = await days.count(from, portion);
    const fitting = Math.max(1, Math.floor((width * rowsPerDelete * fill) / Math.max(1, found)));
    // Rows of a single millisecond cannot be divided.
    if (found > rowsPerDelete && width > 1) {
      width = fitting;
      continue;
    }
    if (found > 0) yield portion;
    from = below;
    width = Math.min(fitting, width * spans.growth);
  }
}
