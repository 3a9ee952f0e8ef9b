import type { DayCollections } from './day-collections.ts';

/** Small enough that other clients of the database hardly notice. */
const rowsPerDelete = 1_000;

/** Deletes every row of a tenant and counts as it goes. Doing it again finds what is left. */
export async function purgeRows(
  days: DayCollections,
  tenant: string,
  count: (removed: number) => Promise<void>,
): Promise<void> {
  for (const day of await days.days()) {
    const collection = days.at(Date.parse(day));
    let ids: string[] = [];
    const remove = async () => {
      const { deletedCount } = await collection.deleteMany({ _id: { $in: ids } });
      ids = [];
      await count(deletedCount);
    };
    // The index by tenant has the ids as well: no row is read.
    for await (const { _id } of collection.find({ tenant }, { projection: { _id: 1 } })) {
      ids.push(_id);
      if (ids.length === rowsPerDelete) await remove();
    }
    if (ids.length > 0) await remove();
  }
}
