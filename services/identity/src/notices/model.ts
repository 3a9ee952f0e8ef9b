import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** A notice that ingress has not accepted yet. */
export interface NoticeDocument {
  /** The id of the message. */
  readonly _id: string;
  /** The tenant of the recipient, or the operators' realm. */
  readonly tenant: string;
  /** Recipient, subject and text, sealed. */
  readonly content: string;
  readonly createdAt: number;
  readonly attempts: number;
  /** When it is submitted next; absent for the canary of an erasure, which is never sent. */
  readonly dueAt?: number;
}

export type NoticeCollection = mongo.Collection<NoticeDocument>;

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    content: { type: String, required: true },
    createdAt: { type: Number, required: true },
    attempts: { type: Number, required: true },
    dueAt: Number,
  },
  { versionKey: false },
)
  .index({ tenant: 1 })
  .index({ dueAt: 1 }, { sparse: true })
  .index({ createdAt: 1 });

export async function openNotices(connection: Connection): Promise<NoticeCollection> {
  const model = connection.model('Notice', schema, 'notices');
  await openCollection(model);
  return model.collection as unknown as NoticeCollection;
}
