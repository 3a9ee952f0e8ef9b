import { openCollection } from '@mysmtp/service';
import { Schema, type Collection, type Connection, type mongo } from 'mongoose';

/** Who opened, read or acted: the id of an API key or of a person. */
interface By {
  readonly by: string;
  readonly byKind: string;
}

/** The access of one operator to the data of one tenant. */
export interface AccessDocument extends By {
  readonly _id: string;
  readonly tenant: string;
  /** Sealed. */
  readonly reason: string;
  readonly ticket: string;
  /** Milliseconds. */
  readonly openedAt: number;
  readonly until: number;
}

/** One thing that an operator saw of a tenant or did to it. */
export interface AccessLogDocument extends By {
  /** UUIDv7: sorts by time. */
  readonly _id: string;
  readonly tenant: string;
  /** Milliseconds. */
  readonly at: number;
  /** The operation id of the route. */
  readonly action: string;
  /** The access under which it was seen; `null` for an act that shows nothing. */
  readonly access: string | null;
  /** Id of the object; `null` for a list. */
  readonly object: string | null;
  /** Sealed. */
  readonly reason?: string;
  readonly ticket?: string;
}

const by = { by: String, byKind: String, tenant: String } as const;
const id = { type: String, required: true } as const;

const accessSchema = new Schema(
  { _id: id, ...by, reason: String, ticket: String, openedAt: Number, until: Number },
  { versionKey: false },
).index({ tenant: 1, by: 1 });

const logSchema = new Schema(
  {
    _id: id,
    ...by,
    at: Number,
    action: String,
    access: String,
    object: String,
    reason: String,
    ticket: String,
  },
  { versionKey: false },
).index({ tenant: 1, _id: -1 });

export interface AccessCollections {
  readonly accesses: mongo.Collection<AccessDocument>;
  readonly accessLog: mongo.Collection<AccessLogDocument>;
}

export async function openAccessCollections(connection: Connection): Promise<AccessCollections> {
  return {
    accesses: await open<AccessDocument>(connection.model('Access', accessSchema, 'accesses')),
    accessLog: await open<AccessLogDocument>(
      connection.model('AccessLogEntry', logSchema, 'accessLog'),
    ),
  };
}

async function open<Document extends mongo.Document>(
  model: { readonly collection: Collection } & Parameters<typeof openCollection>[0],
): Promise<mongo.Collection<Document>> {
  await openCollection(model);
  return model.collection as unknown as mongo.Collection<Document>;
}
