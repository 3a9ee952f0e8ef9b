import { setTimeout as sleep } from 'node:timers/promises';
import { isDuplicateKey, openCollection, retentionGauges, type Clock } from '@mysmtp/service';
import { Schema, type mongo, type Connection } from 'mongoose';
import { hour, type ServiceName } from '@mysmtp/contracts';
import type { Registry } from 'prom-client';

/**
 * How many records of each store an erasure has found and removed so far. The counts are in the database,
 * so that no crash loses them and several processes can add to them. They are written before a message is
 * settled, so a message that is redelivered after a crash may count twice.
 */
export interface DeletionCounts {
  /**
   * Records how many records of the tenant a search has just found in a store. Records that were found
   * before and are no longer found count as removed, no matter what removed them. Returns both counts.
   * They are equal if the search found nothing.
   */
  search(erasure: string, store: string, count: number): Promise<Counts>;
  add(erasure: string, store: string, count: number): Promise<void>;
  of(erasure: string, store: string): Promise<Counts>;
  removeOlderThan(at: Date): Promise<void>;
  /** When the oldest count was last changed, in milliseconds. */
  oldest(): Promise<number | undefined>;
}

export interface Counts {
  /** How many there were, by search; `undefined` for a store that cannot be searched. */
  readonly matched: number | undefined;
  readonly removed: number;
}

interface DeletionCount {
  _id: string;
  matched?: number;
  count: number;
  at: Date;
}

/** Counts of a short period, written together. */
interface Batch {
  count: number;
  written: Promise<void>;
}

const schema = new Schema<DeletionCount>(
  {
    _id: { type: String, required: true },
    matched: Number,
    count: { type: Number, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'deletionCounts', versionKey: false },
).index({ at: 1 });

const gathering = 20;

const countsOf = (purge: DeletionCount | null): Counts => ({
  matched: purge?.matched,
  removed: purge?.count ?? 0,
});

const idOf = (erasure: string, store: string): string => `${erasure} ${store}`;

export async function openDeletionCounts(
  connection: Connection,
  clock: { now(): number },
): Promise<DeletionCounts> {
  const model = connection.model<DeletionCount>('DeletionCount', schema);
  await openCollection(model);
  const purges = model.collection as unknown as mongo.Collection<DeletionCount>;
  const waiting = new Map<string, Batch>();

  async function change(
    _id: string,
    update: mongo.UpdateFilter<DeletionCount> | mongo.Document[],
  ): Promise<Counts> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    try {
      return countsOf(await purges.findOneAndUpdate({ _id }, update, options));
    } catch (error) {
      // Two processes created the document at the same time.
      if (!isDuplicateKey(error)) throw error;
      return countsOf(await purges.findOneAndUpdate({ _id }, update, options));
    }
  }

  /** Writes the counts of one short period. */
  async function write(id: string, batch: Batch): Promise<void> {
    await sleep(gathering);
    waiting.delete(id);
    await change(id, { $inc: { count: batch.count }, $set: { at: new Date(clock.now()) } });
  }

  return {
    search(erasure, store, count) {
      const known = { $add: [{ $ifNull: ['$count', 0] }, count] };
      const matched = { $max: [{ $ifNull: ['$matched', 0] }, known] };
      return change(idOf(erasure, store), [
        { $set: { matched, at: new Date(clock.now()) } },
        { $set: { count: { $subtract: ['$matched', count] } } },
      ]);
    },
    add(erasure, store, count) {
      if (count === 0) return Promise.resolve();
      const id = idOf(erasure, store);
      const batch = waiting.get(id);
      if (batch !== undefined) {
        batch.count += count;
        return batch.written;
      }
      const fresh: Batch = { count, written: Promise.resolve() };
      waiting.set(id, fresh);
      fresh.written = write(id, fresh);
      return fresh.written;
    },
    async of(erasure, store) {
      return countsOf(await purges.findOne({ _id: idOf(erasure, store) }));
    },
    async removeOlderThan(at) {
      await model.deleteMany({ at: { $lt: at } });
    },
    async oldest() {
      const found = await model.findOne().sort({ at: 1 }).lean();
      return found?.at.getTime();
    },
  };
}

const retention = 30 * 24 * hour;

/** How often to run it. */
export const deletionCountExpiryPeriod = hour;

/** A job: deletes the counts of erasures long after their receipts are given. */
export function deletionCountExpiry(deps: {
  readonly service: ServiceName;
  readonly deletionCounts: DeletionCounts;
  readonly clock: Clock;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { service, deletionCounts, clock, metrics } = deps;
  const store = `${service}.deletionCounts`;
  const gauges = retentionGauges({ store, limit: retention + hour, clock, metrics });
  return async () => {
    await deletionCounts.removeOlderThan(new Date(clock.now() - retention));
    gauges.update(await deletionCounts.oldest());
  };
}
