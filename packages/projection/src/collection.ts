import { projectedFields } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Collection, type Connection } from 'mongoose';

/** Which fields there are. Their values were checked when they were received. */
const state = new Schema(
  Object.fromEntries(projectedFields.map((name) => [name, Schema.Types.Mixed])),
  { _id: false },
);

/** An entity, a tombstone, or the one document that lists the entities of a complete snapshot. */
const schema = new Schema(
  {
    _id: { type: String, required: true },
    version: Number,
    state,
    deleted: Boolean,
    entities: { type: [String], default: undefined },
    at: Number,
  },
  { versionKey: false },
)
  // Used by erasures only. Without it, each erasure would read all documents. Tombstones have no tenant
  // and so no index entry.
  .index({ 'state.tenant': 1 }, { sparse: true });

/** Opens the collection of a projection and creates its index. */
export async function openProjectionCollection(
  database: Connection,
  name: string,
): Promise<Collection> {
  const model = database.models[name] ?? database.model(name, schema, name);
  await openCollection(model);
  return model.collection;
}
