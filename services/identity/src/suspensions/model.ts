import type { StoppedStatus } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/**
 * A tenant or one of its credentials that a human has stopped, with the appeal of the tenant and the answer.
 * Texts are sealed, because they may name persons. It is in force until `liftedAt`.
 */
export interface SuspensionDocument {
  readonly _id: string;
  readonly tenant: string;
  /** Set if only this credential is suspended. */
  readonly credential?: string;
  readonly status: StoppedStatus;
  readonly reason: string;
  readonly at: number;
  readonly appeal?: string;
  readonly appealedAt?: number;
  readonly answer?: string;
  readonly answeredAt?: number;
  readonly liftedAt?: number;
}

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    credential: String,
    status: { type: String, required: true },
    reason: { type: String, required: true },
    at: { type: Number, required: true },
    appeal: String,
    appealedAt: Number,
    answer: String,
    answeredAt: Number,
    liftedAt: Number,
  },
  { versionKey: false },
).index({ tenant: 1 });

export type SuspensionCollection = mongo.Collection<SuspensionDocument>;

export async function openSuspensions(connection: Connection): Promise<SuspensionCollection> {
  const model = connection.model('Suspension', schema, 'suspensions');
  await openCollection(model);
  return model.collection as unknown as SuspensionCollection;
}
