import { isDuplicateKey, openCollection } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import { randomUUID } from 'node:crypto';
import { Schema, type Connection, type Model } from 'mongoose';

/** The use of the data of this person is restricted (GDPR Art. 18). */
interface RestrictionDocument {
  readonly _id: string;
  readonly tenant: string;
  /** Blind index of the address. */
  readonly person: string;
  /** The request of the person. */
  readonly request: string;
  readonly at: Date;
}

export interface Restrictions {
  /** The people of a tenant whose data is restricted, read anew each time. */
  of(tenant: string): Promise<ReadonlySet<string>>;
  find(tenant: string, person: string): Promise<RestrictionDocument | undefined>;
  /** Idempotent. */
  set(restriction: Omit<RestrictionDocument, '_id'>): Promise<void>;
  lift(tenant: string, person: string): Promise<void>;
  /** Deletes those of a tenant. Returns how many there were. */
  purge(tenant: string): Promise<number>;
}

const schema = new Schema<RestrictionDocument>(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    person: { type: String, required: true },
    request: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false, collection: 'restrictions' },
).index({ tenant: 1, person: 1 }, { unique: true });

export async function openRestrictions(
  connection: Connection,
  tenants: Pick<Tenants, 'run'>,
): Promise<Restrictions> {
  const model = await openRestrictionModel(connection);
  return {
    async of(tenant) {
      const found = await model.find({ tenant }, { person: 1 }).lean();
      return new Set(found.map(({ person }) => person));
    },
    find: async (tenant, person) => (await model.findOne({ tenant, person }).lean()) ?? undefined,
    async set(restriction) {
      try {
        await tenants.run(restriction.tenant, 'write', () =>
          model.create({ _id: randomUUID(), ...restriction }),
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },
    async lift(tenant, person) {
      await tenants.run(tenant, 'write', () => model.deleteOne({ tenant, person }));
    },
    async purge(tenant) {
      return (await model.deleteMany({ tenant })).deletedCount;
    },
  };
}

export async function openRestrictionModel(
  connection: Connection,
): Promise<Model<RestrictionDocument>> {
  const model = connection.model<RestrictionDocument>('Restriction', schema);
  await openCollection(model);
  return model;
}
