import { statuses } from '@mysmtp/contracts';
import type { DayCollections } from './day-collections.ts';
import { deleteRows } from './delete-rows.ts';
import { wholeDay } from './time-buckets.ts';

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
