import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** The schedule and the last results of the check of one domain. */
export interface DomainCheckDocument {
  /** Id of the domain. */
  readonly _id: string;
  readonly tenant: string;
  /** When it is checked next; absent: only on request. */
  readonly dueAt?: number;
  /** One process checks it until then. */
  readonly leasedUntil?: number;
  readonly checkedAt?: number;
  /** What DNS contained, sealed. */
  readonly results?: string;
  /** The kinds of records that were right once and are not any more. */
  readonly broken: readonly string[];
  /** Since when the ownership record of a verified domain is gone. */
  readonly ownershipLostAt?: number;
  /** Whether another tenant has the domain, although this one has shown its challenge. */
  readonly taken: boolean;
}

export type DomainCheckCollection = mongo.Collection<DomainCheckDocument>;

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    dueAt: Number,
    leasedUntil: Number,
    checkedAt: Number,
    results: String,
    broken: [String],
    ownershipLostAt: Number,
    taken: Boolean,
  },
  { versionKey: false },
)
  .index({ dueAt: 1 }, { sparse: true })
  .index({ tenant: 1 });

export async function openDomainChecks(connection: Connection): Promise<DomainCheckCollection> {
  const model = connection.model('DomainCheck', schema, 'domainChecks');
  await openCollection(model);
  return model.collection as unknown as DomainCheckCollection;
}
