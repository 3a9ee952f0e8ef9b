import { CodedError, dayOf } from '@mysmtp/contracts';
import { enforceSchema } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { Row } from './row.ts';

/**
 * Rows of a UTC day of acceptance are a collection of their own, so that retention is a drop.
 * An index for each way of asking, complete with status and id: a server that pushes neither `sort`
 * nor `limit` into an index still reads no row that is not asked for.
 */
const rowSchema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    acceptedAt: { type: Date, required: true },
    status: { type: String, required: true },
    rev: { type: Number, required: true },
    nextAttemptAt: { type: Date, default: null },
    senderIndex: { type: String, required: true },
    recipientIndex: { type: String, required: true },
    facts: { type: Schema.Types.Buffer, required: true },
    attempts: { type: [Schema.Types.Buffer], required: true },
  },
  // Made when the first row of the day comes, and awaited then.
  { versionKey: false, autoCreate: false, autoIndex: false },
)
  .index({ tenant: 1, status: 1, _id: 1 })
  .index({ recipientIndex: 1, status: 1, _id: 1 })
  .index({ senderIndex: 1, status: 1, _id: 1 });

const namePattern = /^messages_(\d{4})_(\d{2})_(\d{2})$/;

export type RowCollection = mongo.Collection<Row>;

export interface DayCollections {
  /** For reading: there may be nothing. */
  at(time: number): RowCollection;
  /** For writing: exists, with its indexes, and the server checks what is written. */
  ready(time: number): Promise<RowCollection>;
  /** How many rows of the day match. */
  count(time: number, rows: mongo.Filter<Row>): Promise<number>;
  /** The days that exist, `YYYY-MM-DD`, oldest first. */
  days(): Promise<string[]>;
  drop(day: string): Promise<void>;
}

export function openDayCollections(connection: Connection): DayCollections {
  const made = new Map<string, Promise<RowCollection>>();

  function database(): mongo.Db {
    if (connection.db === undefined)
      throw new CodedError('internal_fault', 'The database was never opened');
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
    async count(time, rows) {
      // The command itself: `countDocuments` is an aggregation, which costs twice as much.
      const command = { count: nameOf(dayOf(time)), query: rows };
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
