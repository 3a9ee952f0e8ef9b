import type { Collection, Connection } from 'mongoose';

/** Opens the collection of a projection and makes its index. */
export async function openProjectionCollection(
  database: Connection,
  name: string,
): Promise<Collection> {
  const collection = database.collection(name);
  // For erasures alone: without it each would read all that is known of everybody. Tombstones have no
  // tenant, and so no entry.
  await collection.createIndex({ 'state.tenant': 1 }, { sparse: true });
  return collection;
}
