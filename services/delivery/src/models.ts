import { openCollection } from '@mysmtp/service';
import type { Connection } from 'mongoose';
import { windowNoteModel } from './consumers/window-note.ts';
import { shelfModel } from './shelf/document.ts';
import { dkimKeyModel } from './signing/dkim-key.ts';

/** Delivery's own collections. Indexes and the check of writes are there before the first query. */
export async function openModels(database: Connection) {
  const model = shelfModel(database);
  const dkimKeys = dkimKeyModel(database);
  const windows = windowNoteModel(database);
  await Promise.all([openCollection(model), openCollection(dkimKeys), openCollection(windows)]);
  return { model, dkimKeys, windows };
}
