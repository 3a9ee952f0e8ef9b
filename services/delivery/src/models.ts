import { openCollection } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { deferredModel } from './deferred/document.ts';
import { dkimKeyModel } from './signing/dkim-key.ts';

/** Delivery's own collections. Indexes and the validation of writes exist before the first query. */
export async function openModels(database: Connection) {
  const model = deferredModel(database);
  const dkimKeys = dkimKeyModel(database);
  await Promise.all([openCollection(model), openCollection(dkimKeys)]);
  return { model, dkimKeys };
}
