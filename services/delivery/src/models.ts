import type { Connection } from 'mongoose';
import { shelfModel } from './shelf/document.ts';
import { dkimKeyModel } from './signing/dkim-key.ts';

/** Delivery's own collections. Indexes are there before the first query. */
export async function openModels(database: Connection) {
  const model = shelfModel(database);
  const dkimKeys = dkimKeyModel(database);
  await Promise.all([model.init(), dkimKeys.init()]);
  return { model, dkimKeys };
}
