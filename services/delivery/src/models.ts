import { openCollection } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { deferredModel } from './deferred/document.ts';
import { dkimKeyModel } from './signing/dkim-key.ts';
import { suppressionModel } from './suppressions/store.ts';

/** Delivery's own collections. Indexes and the validation of writes exist before the first query. */
export async function openModels(database: Connection) {
  const model = deferredModel(database);
  const dkimKeys = dkimKeyModel(database);
  const suppressions = suppressionModel(database);
  await Promise.all([model, dkimKeys, suppressions].map((one) => openCollection(one)));
  return { model, dkimKeys, suppressions };
}
