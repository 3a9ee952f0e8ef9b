import { randomUUID } from 'node:crypto';
import { ledgerRetention } from '@mysmtp/contracts';
import { openCollection, type Clock } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { Schema, type Connection, type Model } from 'mongoose';
import type { Sealing } from '../tenants/sealing.ts';

/** A legal hold: the records of one person in one store are kept (GDPR Art. 17(3)). */
export interface HoldDocument {
  readonly _id: string;
  readonly tenant: string;
  /** Blind index of the address under the index key of the tenant; `forgotten` after the end. */
  readonly person: string;
  /** Id of a store in the registry. */
  readonly store: string;
  /** Why, sealed under the account key of the tenant. */
  readonly ground: string;
  readonly approvedBy: string;
  readonly at: Date;
  readonly until: Date;
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
  /** Why it was released, sealed. */
  readonly release: string | null;
}

/** A hold as commands of an erasure and certificates state it. */
export interface ActiveHold {
  readonly store: string;
  readonly ground: string;
  readonly until: string;
}

export interface Person {
  readonly tenant: string;
  readonly person: string;
}

/** The register of legal holds. */
export interface Holds {
  /** Throws a `TenantUnavailable`. */
  add(hold: {
    readonly tenant: string;
    readonly address: string;
    readonly store: string;
    readonly ground: string;
    readonly approvedBy: string;
    readonly until: Date;
  }): Promise<string>;
  /** Newest first, with their grounds. */
  list(): Promise<(HoldDocument & { readonly reason: string })[]>;
  /** False if it has ended already, `undefined` if there is none. */
  release(id: string, by: string, reason: string): Promise<boolean | undefined>;
  /** Those that are in force now, for the purge of a person. */
  of(person: Person): Promise<ActiveHold[]>;
  /** Whether one was in force then, or later. */
  existedSince(person: Person, from: Date): Promise<boolean>;
  /**
   * Forgets whom the holds that have ended were about. One that ended while an erasure was running has kept
   * something of it: `isErasing` says whether a tenant has one that has not ended.
   */
  forgetEnded(isErasing: (tenant: string) => Promise<boolean>): Promise<void>;
  plant(tenant: string): Promise<void>;
  purge(tenant: string): Promise<number>;
  expire(): Promise<void>;
  oldest(): Promise<number | undefined>;
}

/** In place of the blind index of a person whose hold has ended. */
export const forgotten = 'forgotten';

const required = { type: String, required: true };
const date = { type: Date, required: true };

const schema = new Schema<HoldDocument>(
  {
    _id: required,
    tenant: required,
    person: required,
    store: required,
    ground: required,
    approvedBy: required,
    at: date,
    until: date,
    releasedAt: { type: Date, default: null },
    releasedBy: { type: String, default: null },
    release: { type: String, default: null },
  },
  { versionKey: false },
)
  .index({ tenant: 1, person: 1 })
  .index({ at: 1 });

export async function openHoldModel(connection: Connection): Promise<Model<HoldDocument>> {
  const model = connection.model<HoldDocument>('Hold', schema, 'holds');
  await openCollection(model);
  return model;
}

const groundRecord = (id: string) => `holds:${id}:ground`;
const releaseRecord = (id: string) => `holds:${id}:release`;

export async function openHolds(
  connection: Connection,
  deps: {
    readonly sealing: Sealing;
    readonly access: Pick<Tenants<BareScope>, 'run'>;
    readonly clock: Clock;
  },
): Promise<Holds> {
  const model = await openHoldModel(connection);
  const { sealing, access, clock } = deps;
  const now = () => new Date(clock.now());
  const groundOf = async ({ _id, tenant, ground }: HoldDocument) =>
    String(await sealing.open(tenant, groundRecord(_id), ground));

  const add: Holds['add'] = ({ tenant, address, store, ground, approvedBy, until }) =>
    access.run(tenant, 'write', async () => {
      const sealer = await sealing.sealer(tenant);
      const _id = randomUUID();
      await model.create({
        _id,
        tenant,
        person: sealer.index(address),
        store,
        ground: sealer.seal(groundRecord(_id), ground),
        approvedBy,
        at: now(),
        until,
      });
      return _id;
    });

  return {
    add,
    async list() {
      const found = await model.find().sort({ at: -1 }).limit(1_000).lean();
      return Promise.all(found.map(async (hold) => ({ ...hold, reason: await groundOf(hold) })));
    },
    async release(id, by, reason) {
      const hold = await model.findById(id).lean();
      if (hold === null) return undefined;
      const release = await sealing.seal(hold.tenant, releaseRecord(id), reason);
      const { modifiedCount } = await model.updateOne(
        { _id: id, releasedAt: null, until: { $gt: now() } },
        { releasedAt: now(), releasedBy: by, release },
      );
      return modifiedCount === 1;
    },
    async of({ tenant, person }) {
      const active = { tenant, person, releasedAt: null, until: { $gt: now() } };
      const found = await model.find(active).sort({ store: 1, until: 1 }).lean();
      return Promise.all(
        found.map(async (hold) => ({
          store: hold.store,
          ground: await groundOf(hold),
          until: hold.until.toISOString(),
        })),
      );
    },
    async existedSince({ tenant, person }, from) {
      const lasted = { until: { $gt: from }, releasedAt: { $not: { $lte: from } } };
      return (await model.exists({ tenant, person, ...lasted })) !== null;
    },
    async forgetEnded(isErasing) {
      const ended = {
        person: { $ne: forgotten },
        $or: [{ releasedAt: { $ne: null } }, { until: { $lte: now() } }],
      };
      for (const tenant of await model.distinct('tenant', ended)) {
        if (await isErasing(tenant)) continue;
        await model.updateMany({ ...ended, tenant }, { $set: { person: forgotten } });
      }
    },
    async plant(tenant) {
      const at = now();
      const nobody = {
        address: 'canary@invalid',
        store: 'privacy.holds',
        ground: '',
        approvedBy: 'job:canary',
      };
      await add({ ...nobody, tenant, until: at });
    },
    purge: async (tenant) => (await model.deleteMany({ tenant })).deletedCount,
    async expire() {
      const end = new Date(clock.now() - ledgerRetention);
      await model.deleteMany({ at: { $lt: end }, until: { $lt: end } });
    },
    async oldest() {
      const first = await model.findOne({}, { at: 1 }).sort({ at: 1 }).lean();
      return first?.at.getTime();
    },
  };
}
