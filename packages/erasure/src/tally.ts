import { setTimeout as sleep } from 'node:timers/promises';
import { isDuplicateKey, openCollection } from '@mysmtp/service';
import { Schema, type mongo, type Connection } from 'mongoose';

/**
 * How many records of each store an erasure has found and removed so far, in the database, so that
 * neither a crash nor several processes lose count. Counted before a message is settled: what is
 * handed out again after a crash may count twice.
 */
export interface Tally {
  /**
   * Takes down how many records of the tenant a search has just found in a store. What it counted
   * before and the search does not find any more is gone, whatever removed it. Returns both counts:
   * they are equal if the search has found nothing.
   */
  found(erasure: string, store: string, count: number): Promise<Counts>;
  add(erasure: string, store: string, count: number): Promise<void>;
  of(erasure: string, store: string): Promise<Counts>;
  removeOlderThan(at: Date): Promise<void>;
  /** When the oldest was changed last, in milliseconds. */
  oldest(): Promise<number | undefined>;
}

export interface Counts {
  /** How many there were, by search; `undefined` for a store that nobody can search. */
  readonly matched: number | undefined;
  readonly removed: number;
}

interface Purge {
  _id: string;
  matched?: number;
  count: number;
  at: Date;
}

/** What is counted together: one write for a moment's worth of messages. */
interface Batch {
  count: number;
  written: Promise<void>;
}

const schema = new Schema<Purge>(
  {
    _id: { type: String, required: true },
    matched: Number,
    count: { type: Number, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'purges', versionKey: false },
).index({ at: 1 });

const gathering = 20;

const countsOf = (purge: Purge | null): Counts => ({
  matched: purge?.matched,
  removed: purge?.count ?? 0,
});

const idOf = (erasure: string, store: string): string => `${erasure} ${store}`;

export async function openTally(connection: Connection, clock: { now(): number }): Promise<Tally> {
  const model = connection.model<Purge>('Purge', schema);
  await openCollection(model);
  const purges = model.collection as unknown as mongo.Collection<Purge>;
  const waiting = new Map<string, Batch>();

  async function change(
    _id: string,
    update: mongo.UpdateFilter<Purge> | mongo.Document[],
  ): Promise<Counts> {
    const options = { upsert: true, returnDocument: 'after' } as const;
    try {
      return countsOf(await purges.findOneAndUpdate({ _id }, update, options));
    } catch (error) {
      // Two processes counted the first one at once.
      if (!isDuplicateKey(error)) throw error;
      return countsOf(await purges.findOneAndUpdate({ _id }, update, options));
    }
  }

  /** Writes what has gathered in a moment. */
  async function write(id: string, batch: Batch): Promise<void> {
    await sleep(gathering);
    waiting.delete(id);
    await change(id, { $inc: { count: batch.count }, $set: { at: new Date(clock.now()) } });
  }

  return {
    found(erasure, store, count) {
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
