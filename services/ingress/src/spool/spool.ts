import { patience, type SpoolCollections } from './collections.ts';
import { createSpoolWriter, type SpoolOwner, type SpoolWriter } from './writer.ts';

/** Large messages, from their acceptance until nobody needs them any more. */
export interface Spool {
  write(owner: SpoolOwner): SpoolWriter;
  /** One sealed chunk. */
  read(id: string, chunk: number): Promise<Buffer | undefined>;
  /** Doing it again changes nothing. */
  remove(ids: readonly string[]): Promise<void>;
  /** Removes what was not written to its end before `abandonedBefore`, and all that is older than `expiredBefore`. */
  removeOrphans(abandonedBefore: Date, expiredBefore: Date): Promise<number>;
  /** When the oldest of each began (milliseconds): a chunk may have lost its file. */
  oldest(): Promise<{ readonly file: number | undefined; readonly chunk: number | undefined }>;
}

/** Files that one round of the orphan job takes. */
const batchSize = 500;

export function createSpool(collections: SpoolCollections, clock: { now(): number }): Spool {
  const { files, chunks } = collections;

  async function remove(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    // The file goes last: while it is there, a removal that was cut short is found again.
    await chunks.deleteMany({ files_id: { $in: [...ids] } }, patience);
    await files.deleteMany({ _id: { $in: [...ids] } }, patience);
  }

  return {
    write: (owner) => createSpoolWriter(collections, owner, clock, () => remove([owner.id])),
    async read(id, chunk) {
      const found = await chunks.findOne({ files_id: id, n: chunk });
      return found === null ? undefined : octetsOf(found.data);
    },
    remove,
    async removeOrphans(abandonedBefore, expiredBefore) {
      let count = 0;
      for (const filter of [
        { uploadDate: { $lt: expiredBefore } },
        { uploadDate: { $lt: abandonedBefore }, 'metadata.state': 'writing' as const },
      ]) {
        for (;;) {
          const found = await files
            .find(filter, { projection: { _id: 1 }, limit: batchSize })
            .toArray();
          await remove(found.map(({ _id }) => _id));
          count += found.length;
          if (found.length < batchSize) break;
        }
      }
      return count;
    },
    async oldest() {
      const file = await files.findOne({}, { sort: { uploadDate: 1 } });
      const chunk = await chunks.findOne({}, { sort: { _id: 1 }, projection: { data: 0 } });
      return { file: file?.uploadDate.getTime(), chunk: chunk?._id.getTimestamp().getTime() };
    },
  };
}

/** The driver gives a `Binary` or a `Buffer`, as it was told to promote them. */
function octetsOf(data: Buffer | { buffer: Uint8Array; position: number }): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer.subarray(0, data.position));
}
