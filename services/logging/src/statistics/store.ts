import type { ReplyClass, Status } from '@mysmtp/contracts';
import { isDuplicateKey, openCollection } from '@mysmtp/service';
import { mongo, Schema, type Connection } from 'mongoose';

/** How many recipients of a credential have this status, of the messages that were accepted in an hour. */
export interface Count {
  /** `null`: submitted without one, as notices are. */
  readonly credential: string | null;
  readonly status: Status;
  readonly lastReply: ReplyClass;
  readonly recipients: number;
}

/** The statistics of a tenant for one UTC hour. No personal data: ids of ours, words and numbers. */
interface HourDocument {
  /** `TENANT:YYYY-MM-DDTHH`. */
  _id: string;
  tenant: string;
  hour: Date;
  /** When the rows were counted. An older count never replaces a newer one. */
  countedAt: Date;
  counts: Count[];
}

export type StatisticsCollection = mongo.Collection<HourDocument>;

export interface StatisticsStore {
  /**
   * Replaces what is stored for the hour (milliseconds), for each of these tenants. False if a count of a
   * later time is stored, perhaps by a process whose clock is ahead.
   */
  put(hour: number, countedAt: number, byTenant: ReadonlyMap<string, Count[]>): Promise<boolean>;
  /** The hours of a tenant from `after` on, below `before`, oldest first. */
  find(tenant: string, after: number, before: number): Promise<{ hour: Date; counts: Count[] }[]>;
  removeOf(tenant: string): Promise<number>;
  removeBefore(hour: number): Promise<void>;
}

const timeoutMS = 10_000;

export async function openStatistics(database: Connection): Promise<StatisticsStore> {
  const count = new Schema(
    {
      credential: { type: String, default: null },
      status: { type: String, required: true },
      lastReply: { type: String, required: true },
      recipients: { type: Number, required: true },
    },
    { _id: false },
  );
  const schema = new Schema(
    {
      _id: { type: String, required: true },
      tenant: { type: String, required: true },
      hour: { type: Date, required: true },
      countedAt: { type: Date, required: true },
      counts: { type: [count], required: true },
    },
    { versionKey: false },
  )
    .index({ tenant: 1 })
    .index({ hour: 1 });
  const model = database.model('statistics', schema, 'statistics');
  await openCollection(model);
  const collection = model.collection as unknown as StatisticsCollection;

  return {
    async put(hour, countedAt, byTenant) {
      const at = new Date(countedAt);
      const operations = [...byTenant].map(([tenant, counts]) => ({
        updateOne: {
          filter: { _id: idOf(tenant, hour), countedAt: { $lte: at } },
          update: { $set: { tenant, hour: new Date(hour), countedAt: at, counts } },
          upsert: true,
        },
      }));
      if (operations.length === 0) return true;
      try {
        await collection.bulkWrite(operations, { ordered: false, timeoutMS });
        return true;
      } catch (error) {
        // The filter found nothing to update, so the upsert became an insert of an existing id.
        const failures =
          error instanceof mongo.MongoBulkWriteError ? [error.writeErrors].flat() : [];
        if (failures.length === 0 || !failures.every(isDuplicateKey)) throw error;
        return false;
      }
    },
    find: (tenant, after, before) =>
      collection
        .find({ _id: { $gte: idOf(tenant, after), $lt: idOf(tenant, before) } }, { timeoutMS })
        .sort({ _id: 1 })
        .toArray(),
    async removeOf(tenant) {
      return (await collection.deleteMany({ tenant })).deletedCount;
    },
    async removeBefore(hour) {
      await collection.deleteMany({ hour: { $lt: new Date(hour) } });
    },
  };
}

const idOf = (tenant: string, hour: number) =>
  `${tenant}:${new Date(hour).toISOString().slice(0, 13)}`;
