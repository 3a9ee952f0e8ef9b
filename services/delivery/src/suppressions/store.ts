import { randomUUID } from 'node:crypto';
import { suppressionGrounds, type SuppressionGround } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';

/** No mail of this tenant is sent to this person. There is one document for each ground. */
export interface SuppressionDocument {
  readonly _id: string;
  readonly tenant: string;
  /** Blind index of the address. */
  readonly person: string;
  readonly ground: SuppressionGround;
  /** The request of the person (GDPR Art. 18, 21), by its id. */
  readonly request: string;
  readonly at: Date;
}

export type SuppressionModel = Model<SuppressionDocument>;

/** The collection `suppressions` of delivery's database. */
export function suppressionModel(database: Connection): SuppressionModel {
  const schema = new Schema<SuppressionDocument>(
    {
      _id: { type: String, required: true },
      tenant: { type: String, required: true },
      person: { type: String, required: true },
      ground: { type: String, required: true, enum: suppressionGrounds },
      request: { type: String, required: true },
      at: { type: Date, required: true },
    },
    { versionKey: false, collection: 'suppressions' },
  )
    .index({ tenant: 1, person: 1, ground: 1 }, { unique: true })
    .index({ tenant: 1, _id: 1 });
  return database.model<SuppressionDocument>('Suppression', schema);
}

type Named = Pick<SuppressionDocument, 'tenant' | 'person' | 'ground'>;

/** The suppressions in the database. The callers pass the tenant guard. */
export interface SuppressionStore {
  /** The tenants that have a suppression. */
  tenants(): Promise<string[]>;
  hasAny(tenant: string): Promise<boolean>;
  /** The suppressions of these people. */
  of(tenant: string, people: readonly string[]): Promise<readonly SuppressionDocument[]>;
  /** In the order of their ids, from above `after`. */
  page(tenant: string, after: string, limit: number): Promise<readonly SuppressionDocument[]>;
  find(id: string): Promise<SuppressionDocument | undefined>;
  /** Does nothing if it exists. */
  add(suppression: Omit<SuppressionDocument, '_id'>): Promise<void>;
  remove(suppression: Named): Promise<void>;
}

export function createSuppressionStore(model: SuppressionModel): SuppressionStore {
  return {
    tenants: () => model.distinct('tenant'),
    hasAny: async (tenant) => (await model.exists({ tenant })) !== null,
    of: (tenant, people) => model.find({ tenant, person: { $in: [...people] } }).lean(),
    page: (tenant, after, limit) =>
      model
        .find({ tenant, _id: { $gt: after } })
        .sort({ _id: 1 })
        .limit(limit)
        .lean(),
    find: async (id) => (await model.findById(id).lean()) ?? undefined,
    async add(suppression) {
      try {
        await model.create({ _id: randomUUID(), ...suppression });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
    async remove({ tenant, person, ground }) {
      await model.deleteOne({ tenant, person, ground });
    },
  };
}
