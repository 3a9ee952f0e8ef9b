import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo, type Types } from 'mongoose';

/**
 * `writing` while the message comes in; `publishing` once it is complete, just before its publish. Only a
 * message in state `writing` can be an orphan while its key exists.
 */
export type SpoolState = 'writing' | 'publishing';

/** One spooled message in the form of a GridFS file; its content is sealed. `_id` is the message id. */
export interface SpoolFile {
  _id: string;
  /** Octets of all sealed chunks. */
  length: number;
  /** Octets of a sealed chunk; only the last may be shorter. */
  chunkSize: number;
  uploadDate: Date;
  metadata: { tenant: string; state: SpoolState };
}

export interface SpoolChunk {
  _id: Types.ObjectId;
  files_id: string;
  tenant: string;
  n: number;
  data: Buffer;
}

export interface SpoolCollections {
  readonly files: mongo.Collection<SpoolFile>;
  readonly chunks: mongo.Collection<SpoolChunk>;
}

/** Longest database operation. After it the client gets 451 and does not wait for ever. */
export const patience = { timeoutMS: 30_000 };

/** Records per batch of the orphan job and of the purge of a tenant. */
export const batchSize = 500;

const fileSchema = new Schema(
  {
    _id: { type: String, required: true },
    length: { type: Number, required: true },
    chunkSize: { type: Number, required: true },
    uploadDate: { type: Date, required: true },
    metadata: {
      tenant: { type: String, required: true },
      state: { type: String, required: true, enum: ['writing', 'publishing'] },
    },
  },
  { collection: 'spool.files', versionKey: false },
)
  .index({ uploadDate: 1 })
  .index({ 'metadata.tenant': 1 });

const chunkSchema = new Schema(
  {
    files_id: { type: String, required: true },
    tenant: { type: String, required: true },
    n: { type: Number, required: true },
    data: { type: Buffer, required: true },
  },
  { collection: 'spool.chunks', versionKey: false },
)
  .index({ files_id: 1, n: 1 }, { unique: true })
  .index({ tenant: 1 });

/** Opens the two collections and creates their indexes. */
export async function openSpoolCollections(connection: Connection): Promise<SpoolCollections> {
  const files = connection.model('SpoolFile', fileSchema);
  const chunks = connection.model('SpoolChunk', chunkSchema);
  await Promise.all([openCollection(files), openCollection(chunks)]);
  return {
    files: files.collection as unknown as mongo.Collection<SpoolFile>,
    chunks: chunks.collection as unknown as mongo.Collection<SpoolChunk>,
  };
}
