import { projectedFields } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Collection, type Connection } from 'mongoose';

const state = new Schema(Object.fromEntries(projectedFields.map((name) => [name, String])), {
  _id: false,
});

/** An entity or its tombstone, or the one document that says of which entities a snapshot was complete. */
const schema = new Schema(
  {
    _id: { type: String, required: true },
    version: Number,
    state,
    buried: Boolean,
    entities: { type: [String], default: undefined },
    at: Number,
  },
  { versionKey: false },
)
  // For erasures alone: without it each would read all that is known of everybody. Tombstones have no
  // tenant, and so no entry.
  .index({ 'state.tenant': 1 }, { sparse: true });

/** Opens the collection of a projection and makes its index. */
export async function openProjectionCollection(
  database: Connection,
  name: string,
): Promise<Collection> {
  const model = database.models[name] ?? database.model(name, schema, name);
  await openCollection(model);
  return model.collection;
}
