import { CodedError, dayOf } from '@mysmtp/contracts';
import { enforceSchema } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';
import { tagFields, type Row } from './row.ts';

/**
 * Rows of one UTC day of acceptance have a collection of their own, so that retention drops whole
 * collections. There is one index for each value that a customer can search, and it ends with the id. So
 * the ids of a bucket of time are read from the index alone, in the order of acceptance.
 */
const rowSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    acceptedAt: { type: Date, required: true },
    status: { type: String, required: true },
    rev: { type: Number, required: true },
    nextAttemptAt: { type: Date, default: null },
    senderIndex: String,
    recipientIndex: String,
    senderDomainIndex: String,
    recipientDomainIndex: String,
    // Not an array: no server reads the ids of a part of a day from the index of an array alone.
    tagIndex1: String,
    tagIndex2: String,
    tagIndex3: String,
    tagIndex4: String,
    tagIndex5: String,
    credential: String,
    lastReply: String,
    siteClass: String,
    details: Schema.Types.Buffer,
    attempts: { type: [Schema.Types.Buffer], default: undefined },
    attemptCount: Number,
  },
  // Created, and awaited, at the first row of the day.
  { versionKey: false, autoCreate: false, autoIndex: false },
)
  .index({ tenant: 1, status: 1, _id: 1 })
  .index({ recipientIndex: 1, _id: 1 })
  .index({ senderIndex: 1, _id: 1 })
  .index({ senderDomainIndex: 1, _id: 1 })
  .index({ recipientDomainIndex: 1, _id: 1 })
  .index({ tenant: 1, credential: 1, _id: 1 })
  // Most rows have neither a tag nor another class than that of delivered rows.
  .index(
    { tenant: 1, lastReply: 1, _id: 1 },
    { partialFilterExpression: { lastReply: { $exists: true } } },
  );
for (const field of tagFields) {
  const partialFilterExpression = { [field]: { $exists: true } };
  rowSchema.index({ [field]: 1, _id: 1 }, { partialFilterExpression });
}

const namePattern = /^messages_(\d{4})_(\d{2})_(\d{2})$/;

export type RowCollection = mongo.Collection<Row>;

export interface DayCollections {
  /** For reading: the collection may not exist. */
  at(time: number): RowCollection;
  /** For writing: the collection exists with its indexes, and the server validates writes. */
  ready(time: number): Promise<RowCollection>;
  /** How many rows of the day match; counts no further than `limit`. */
  count(time: number, rows: mongo.Filter<Row>, limit?: number): Promise<number>;
  /** The days that exist, `YYYY-MM-DD`, oldest first. */
  days(): Promise<string[]>;
  drop(day: string): Promise<void>;
}

export function openDayCollections(connection: Connection): DayCollections {
  const made = new Map<string, Promise<RowCollection>>();

  function database(): mongo.Db {
    if (connection.db === undefined)
      throw new CodedError('internal_fault', 'The database is not open');
    return connection.db;
  }

  async function make(name: string): Promise<RowCollection> {
    const model = connection.models[name] ?? connection.model(name, rowSchema, name);
    await model.createIndexes();
    await enforceSchema(model);
    return database().collection<Row>(name);
  }

  return {
    at: (time) => database().collection<Row>(nameOf(dayOf(time))),
    ready(time) {
      const name = nameOf(dayOf(time));
      let collection = made.get(name);
      if (collection === undefined) {
        collection = make(name);
        made.set(name, collection);
        // The next write tries again.
        collection.catch(() => made.delete(name));
      }
      return collection;
    },
    async count(time, rows, limit = 0) {
      // The plain command: `countDocuments` is an aggregation, which costs twice as much.
      const command = { count: nameOf(dayOf(time)), query: rows, limit };
      const { n } = await database().command(command);
      return Number(n);
    },
    async days() {
      const all = await database().listCollections({}, { nameOnly: true }).toArray();
      return all
        .flatMap(({ name }) => {
          const [, year, month, day] = namePattern.exec(name) ?? [];
          return year === undefined ? [] : [`${year}-${String(month)}-${String(day)}`];
        })
        .sort();
    },
    async drop(day) {
      const name = nameOf(day);
      made.delete(name);
      if (connection.models[name] !== undefined) connection.deleteModel(name);
      await database().dropCollection(name);
    },
  };
}

const nameOf = (day: string) => `messages_${day.replaceAll('-', '_')}`;
