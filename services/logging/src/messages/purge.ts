import { statuses, type Status } from '@mysmtp/contracts';
import type { DayCollections, RowCollection } from './day-collections.ts';

/** Few enough that other clients of the database hardly notice, many enough that a delete is worth its sync. */
const rowsPerDelete = 2_000;

type Count = (removed: number) => Promise<void>;

/** Deletes every row of a tenant and counts as it goes. Doing it again finds what is left. */
export async function purgeRows(days: DayCollections, tenant: string, count: Count): Promise<void> {
  for (const day of await days.days()) {
    const collection = days.at(Date.parse(day));
    // Status by status, so that finding and deleting both walk the index by tenant and read no row.
    for (const status of statuses) await purgeRange(collection, { tenant, status }, count);
    // And whatever has a status that nobody knows.
    await purgeRange(collection, { tenant }, count);
  }
}

async function purgeRange(
  collection: RowCollection,
  whose: { readonly tenant: string; readonly status?: Status },
  count: Count,
): Promise<void> {
  let ids: string[] = [];
  const remove = async () => {
    // What lies between two of these rows and answers the same question is the tenant's as well.
    const sorted = ids.toSorted();
    const range = { $gte: sorted[0] ?? '', $lte: sorted.at(-1) ?? '' };
    ids = [];
    const { deletedCount } = await collection.deleteMany({ ...whose, _id: range });
    await count(deletedCount);
  };
  for await (const { _id } of collection.find(whose, { projection: { _id: 1 } })) {
    ids.push(_id);
    if (ids.length === rowsPerDelete) await remove();
  }
  if (ids.length > 0) await remove();
}
