import { octetsOf } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import {
  batchSize,
  patience,
  type SpoolChunk,
  type SpoolCollections,
  type SpoolFile,
} from './collections.ts';
import { removeOrphans, type OrphanLimits } from './orphans.ts';
import { createSpoolWriter, type SpoolOwner, type SpoolWriter } from './writer.ts';

/** Large messages, from their acceptance until they are not needed any more. */
export interface Spool {
  write(owner: SpoolOwner): SpoolWriter;
  /** One sealed chunk. */
  read(id: string, chunk: number): Promise<Buffer | undefined>;
  /** Idempotent. */
  remove(ids: readonly string[]): Promise<void>;
  /** Removes messages that will never be released; returns their number. */
  removeOrphans(limits: OrphanLimits): Promise<number>;
  /**
   * Removes all chunks, or all files, of a tenant in batches. Calls `removed` with the number after each
   * batch. Files are removed last, as in every removal.
   */
  removeChunksOf(tenant: string, removed: Removed): Promise<void>;
  removeFilesOf(tenant: string, removed: Removed): Promise<void>;
  /** When the oldest of each was created (milliseconds). Both, because a chunk may exist without its file. */
  oldest(): Promise<{ readonly file: number | undefined; readonly chunk: number | undefined }>;
}

type Removed = (count: number) => Promise<void>;

export function createSpool(
  collections: SpoolCollections,
  clock: { now(): number },
  tenants: Pick<Tenants, 'run'>,
): Spool {
  const { files, chunks } = collections;

  async function remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // The file is removed last. While it exists, an interrupted removal can be repeated.
    await chunks.deleteMany({ files_id: { $in: [...ids] } }, patience);
    await files.deleteMany({ _id: { $in: [...ids] } }, patience);
  }

  return {
    write: (owner) =>
      createSpoolWriter(collections, owner, { clock, tenants, remove: () => remove([owner.id]) }),
    async read(id, chunk) {
      const found = await chunks.findOne({ files_id: id, n: chunk });
      return found === null ? undefined : octetsOf(found.data);
    },
    remove,
    removeOrphans: (limits) => removeOrphans(collections, remove, limits),
    removeChunksOf: (tenant, removed) => removeAll(chunks, { tenant }, removed),
    removeFilesOf: (tenant, removed) => removeAll(files, { 'metadata.tenant': tenant }, removed),
    async oldest() {
      const file = await files.findOne({}, { sort: { uploadDate: 1 } });
      const chunk = await chunks.findOne({}, { sort: { _id: 1 }, projection: { data: 0 } });
      return { file: file?.uploadDate.getTime(), chunk: chunk?._id.getTimestamp().getTime() };
    },
  };
}

async function removeAll<Stored extends SpoolFile | SpoolChunk>(
  collection: mongo.Collection<Stored>,
  filter: mongo.Filter<Stored>,
  removed: Removed,
): Promise<void> {
  for (;;) {
    const options = { projection: { _id: 1 }, limit: batchSize, ...patience };
    const found = await collection.find(filter, options).toArray();
    if (found.length === 0) return;
    const batch = { _id: { $in: found.map(({ _id }) => _id) } } as mongo.Filter<Stored>;
    const { deletedCount } = await collection.deleteMany(batch, patience);
    await removed(deletedCount);
  }
}
