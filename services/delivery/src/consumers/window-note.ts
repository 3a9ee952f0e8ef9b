import { Schema, type Connection, type Model } from 'mongoose';

/** What one process says of the messages that it has in hand from the broker. */
export interface WindowNote {
  /** The process, by a name that no other has. */
  _id: string;
  /** Between these two it took from the queue without a break and held no old message (drained.ts). */
  from: number;
  to: number;
  /** What was accepted before this moment is no more with the broker, as this process knows it. */
  drainedUntil?: number;
}

export type WindowNoteModel = Model<WindowNote>;

/** The collection `windows` of delivery's database: a handful of documents. */
export function windowNoteModel(database: Connection): WindowNoteModel {
  const moment = { type: Number, required: true };
  const schema = new Schema<WindowNote>(
    { _id: { type: String, required: true }, from: moment, to: moment, drainedUntil: Number },
    { versionKey: false, collection: 'windows' },
  );
  return database.model<WindowNote>('Window', schema);
}
