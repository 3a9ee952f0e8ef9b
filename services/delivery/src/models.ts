import { openCollection } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { shelfModel } from './shelf/document.ts';
import { dkimKeyModel } from './signing/dkim-key.ts';

/** Delivery's own collections. Indexes and the check of writes are there before the first query. */
export async function openModels(database: Connection) {
  const model = shelfModel(database);
  const dkimKeys = dkimKeyModel(database);
  await Promise.all([openCollection(model), openCollection(dkimKeys)]);
  return { model, dkimKeys };
}
