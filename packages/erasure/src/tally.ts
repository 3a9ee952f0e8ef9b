import { setTimeout as sleep } from 'node:timers/promises';
import { mongo, Schema, type Connection } from 'mongoose';

/**
 * How many records of each store an erasure has removed so far, in the database, so that neither a
 * crash nor several processes lose count. Counted before a message is settled: what is handed out
 * again after a crash may count twice.
 */
export interface Tally {
  add(erasure: string, store: string, count: number): Promise<void>;
  of(erasure: string, store: string): Promise<number>;
  removeOlderThan(at: Date): Promise<void>;
  /** When the oldest was changed last, in milliseconds. */
  oldest(): Promise<number | undefined>;
}

interface Purge {
  _id: string;
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
    count: { type: Number, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'purges', versionKey: false },
).index({ at: 1 });

const gathering = 20;
const duplicateKey = 11_000;

const idOf = (erasure: string, store: string): string => `${erasure} ${store}`;

export async function openTally(connection: Connection, clock: { now(): number }): Promise<Tally> {
  const model = connection.model<Purge>('Purge', schema);
  await model.init();
  const waiting = new Map<string, Batch>();

  async function increase(_id: string, count: number): Promise<void> {
    const change = { $inc: { count }, $set: { at: new Date(clock.now()) } };
    try {
      await model.updateOne({ _id }, change, { upsert: true });
    } catch (error) {
      // Two processes counted the first one at once.
      const isThere = error instanceof mongo.MongoServerError && error.code === duplicateKey;
      if (!isThere) throw error;
      await model.updateOne({ _id }, change);
    }
  }

  return {
    add(erasure, store, count) {
      if (count === 0) return Promise.resolve();
      const id = idOf(erasure, store);
      const batch = waiting.get(id);
      if (batch !== undefined) {
        batch.count += count;
        return batch.written;
      }
      const fresh: Batch = { count, written: Promise.resolve() };
      fresh.written = sleep(gathering).then(() => {
        waiting.delete(id);
        return increase(id, fresh.count);
      });
      waiting.set(id, fresh);
      return fresh.written;
    },
    async of(erasure, store) {
      const found = await model.findById(idOf(erasure, store)).lean();
      return found?.count ?? 0;
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
