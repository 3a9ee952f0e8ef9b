import type { AuditHead } from '@mysmtp/contracts';
import { day, minute, type AuditHeadKept } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';

/** A head of the audit chain, as logging signed it. */
export interface AuditHeadDocument {
  /** Number of the last entry. */
  readonly _id: number;
  readonly time: number;
  readonly digest: string;
  /** When logging signed it last. */
  readonly signedAt: Date;
  readonly jws: string;
}

const schema = new Schema<AuditHeadDocument>(
  {
    _id: { type: Number, required: true },
    time: { type: Number, required: true },
    digest: { type: String, required: true },
    signedAt: { type: Date, required: true, index: true },
    jws: { type: String, required: true },
  },
  { versionKey: false },
);

export async function openAuditHeadModel(
  connection: Connection,
): Promise<Model<AuditHeadDocument>> {
  const model = connection.model<AuditHeadDocument>('AuditHead', schema, 'auditHeads');
  await openCollection(model);
  return model;
}

/** The newest head is kept for longer if no newer one comes. */
export const headRetention = 366 * day;

/** Two processes of logging may sign at the same time and arrive in the other order. */
const sameTime = minute;

export const newestHead = (model: Model<AuditHeadDocument>): Promise<AuditHeadDocument | null> =>
  model.findOne().sort({ _id: -1 }).lean();

/**
 * Keeps a verified head. Refuses one that goes back behind the newest, and one that names another entry for
 * the same number: somebody has cut the chain or written another one.
 */
export async function keepHead(
  model: Model<AuditHeadDocument>,
  { seq, time, digest }: AuditHead,
  signed: { readonly at: number; readonly jws: string },
): Promise<AuditHeadKept['result']> {
  const signedAt = new Date(signed.at);
  const newest = await newestHead(model);
  if (newest !== null && seq < newest._id) {
    return signed.at > newest.signedAt.getTime() + sameTime ? 'refused' : 'superseded';
  }
  if (newest?._id !== seq) {
    // Two processes of privacy may get the same head.
    await model.updateOne(
      { _id: seq },
      { $setOnInsert: { time, digest, signedAt, jws: signed.jws } },
      { upsert: true },
    );
  }
  const { matchedCount } = await model.updateOne({ _id: seq, digest }, { $max: { signedAt } });
  if (matchedCount === 0) return 'refused';
  return newest?._id === seq ? 'known' : 'kept';
}

export const headOf = ({ _id: seq, time, digest }: AuditHeadDocument): AuditHead => ({
  v: 1,
  seq,
  time,
  digest,
});
