import { day } from '@mysmtp/contracts';
import { openCollection, type Clock } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** What a tenant has chosen. Other tenants have no document. */
interface StoredRetention {
  /** The tenant. */
  readonly _id: string;
  readonly tenant: string;
  /** `0`: nothing personal of a message is kept once it is final. */
  readonly usageLogDays: number;
  /** Rows that were accepted earlier are gone, because a shorter time was chosen before. */
  readonly gapUntil: Date;
}

/** How long the usage log of each tenant is kept. Reads are from memory; a process reads all every minute. */
export interface Retentions {
  /** How old a row of the tenant may be. Milliseconds. With 0 days, what is left of a row has the usual age. */
  of(tenant: string): number;
  /** The rows of the tenant that were accepted earlier may be incomplete. Milliseconds since the epoch. */
  completeSince(tenant: string): number;
  days(tenant: string): number;
  /** The tenants that have chosen, and their days. */
  chosen(): ReadonlyMap<string, number>;
  choose(tenant: string, days: number): Promise<void>;
  refresh(): Promise<void>;
  removeOf(tenant: string): Promise<number>;
}

export type RetentionCollection = mongo.Collection<StoredRetention>;

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    usageLogDays: { type: Number, required: true },
    gapUntil: { type: Date, required: true },
  },
  { versionKey: false },
);

export const refreshPeriod = 60_000;

export async function openRetentions(
  connection: Connection,
  { usual, clock }: { readonly usual: number; readonly clock: Clock },
): Promise<Retentions> {
  const model =
    connection.models['Retention'] ?? connection.model('Retention', schema, 'retentions');
  await openCollection(model);
  const collection = model.collection as unknown as RetentionCollection;
  let known = new Map<string, StoredRetention>();

  const daysOf = (tenant: string): number => known.get(tenant)?.usageLogDays ?? usual / day;
  const ageOf = (days: number): number => (days === 0 ? usual : days * day);

  async function refresh(): Promise<void> {
    known = new Map((await collection.find().toArray()).map((one) => [one._id, one]));
  }

  return {
    of: (tenant) => ageOf(daysOf(tenant)),
    completeSince: (tenant) =>
      Math.max(known.get(tenant)?.gapUntil.getTime() ?? 0, clock.now() - ageOf(daysOf(tenant))),
    days: daysOf,
    chosen: () => new Map([...known].map(([tenant, { usageLogDays }]) => [tenant, usageLogDays])),
    async choose(tenant, usageLogDays) {
      await refresh();
      const gapUntil = new Date(
        Math.max(known.get(tenant)?.gapUntil.getTime() ?? 0, clock.now() - ageOf(daysOf(tenant))),
      );
      const chosen = { tenant, usageLogDays, gapUntil };
      await collection.updateOne({ _id: tenant }, { $set: chosen }, { upsert: true });
      known.set(tenant, { _id: tenant, ...chosen });
    },
    refresh,
    async removeOf(tenant) {
      known.delete(tenant);
      return (await collection.deleteOne({ _id: tenant })).deletedCount;
    },
  };
}
