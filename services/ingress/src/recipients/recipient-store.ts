import { isDuplicateKey, octetsOf, openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { RecipientDay } from './unusual-recipients.ts';

/** `_id`: the credential and the start of the day. */
interface Stored {
  readonly _id: string;
  readonly credential: string;
  readonly tenant: string;
  readonly start: number;
  readonly since: number;
  readonly first: number;
  readonly sketch: Buffer | mongo.Binary;
}

export type RecipientCollection = mongo.Collection<Stored>;

const text = { type: String, required: true } as const;
const number = { type: Number, required: true } as const;

const schema = new Schema(
  {
    _id: text,
    credential: text,
    tenant: text,
    start: number,
    since: number,
    first: number,
    sketch: { type: Buffer, required: true },
  },
  { versionKey: false },
)
  .index({ tenant: 1 })
  .index({ start: 1 });

export async function openRecipientCollection(
  connection: Connection,
): Promise<RecipientCollection> {
  const model =
    connection.models['RecipientSketch'] ??
    connection.model('RecipientSketch', schema, 'recipientSketches');
  await openCollection(model);
  return model.collection as unknown as RecipientCollection;
}

type DayId = Pick<RecipientDay, 'credential' | 'start'>;

/** The recipients of each credential and day, as all processes of ingress have seen them. */
export interface RecipientStore {
  find(days: readonly DayId[]): Promise<RecipientDay[]>;
  /**
   * Replaces these days. Two processes may replace the same one: each reads it again, and writes again what
   * the other one has overwritten.
   */
  write(days: readonly RecipientDay[]): Promise<void>;
  /** Removes the days that began before this time. Returns the number. */
  removeBefore(start: number): Promise<number>;
  /** The start of the oldest day. */
  oldest(): Promise<number | undefined>;
  /** Removes everything of a tenant. */
  removeOf(tenant: string): Promise<number>;
}

/** The longest operation. After it the sketches stay in memory and are written with the next ones. */
const patience = { timeoutMS: 10_000 };

const idOf = ({ credential, start }: DayId): string => `${credential}:${String(start)}`;

export function createRecipientStore(collection: RecipientCollection): RecipientStore {
  return {
    async find(days) {
      const found = await collection.find({ _id: { $in: days.map(idOf) } }, patience).toArray();
      return found.map(({ _id, sketch, ...rest }) => ({ ...rest, sketch: octetsOf(sketch) }));
    },
    async write(days) {
      const operations = days.map(({ sketch, ...rest }) => ({
        replaceOne: {
          filter: { _id: idOf(rest) },
          replacement: { ...rest, sketch: Buffer.from(sketch) },
          upsert: true,
        },
      }));
      await collection
        .bulkWrite(operations, { ordered: false, ...patience })
        // Another process has begun the same day at this moment.
        .catch((error: unknown) => {
          if (!isDuplicateKey(error)) throw error;
        });
    },
    async removeBefore(start) {
      return (await collection.deleteMany({ start: { $lt: start } }, patience)).deletedCount;
    },
    async oldest() {
      const found = await collection.find({}, patience).sort({ start: 1 }).limit(1).toArray();
      return found[0]?.start;
    },
    async removeOf(tenant) {
      return (await collection.deleteMany({ tenant }, patience)).deletedCount;
    },
  };
}
