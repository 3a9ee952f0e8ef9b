import { day, measures, windows, type Window } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { Account, Count, OutcomeCount, Unusual, VolumeHistory } from './account.ts';
import { baselineDays, dayIndexOf, dayPlaces, type BusiestHour } from './unusual-volume.ts';

interface StoredCount {
  /** When the window began. Milliseconds since the epoch. */
  readonly start: number;
  readonly messages: number;
  readonly recipients: number;
  readonly octets: number;
  /** Percent of a limit that were reported in this window. */
  readonly told: number;
}

/** What one tenant or credential has sent in its last hour, day and month. `_id` is its id. */
type Stored = {
  readonly _id: string;
  readonly tenant: string;
  readonly outcomes: OutcomeCount & { readonly told: number };
  readonly updatedAt: number;
  /** By the place of the day. Absent in documents of an older release. */
  readonly busiest?: Readonly<Record<string, BusiestHour>>;
  /** When the first day of use began after which there is no gap of a week. Absent as above. */
  readonly since?: number;
  readonly unusualDay?: number;
  readonly unusual?: Unusual;
  readonly firstUsedAt?: number;
} & Readonly<Record<Window, StoredCount>>;

export type UsageCollection = mongo.Collection<Stored>;

const count = {
  _id: false,
  start: { type: Number, required: true },
  messages: { type: Number, required: true },
  recipients: { type: Number, required: true },
  octets: { type: Number, required: true },
  told: { type: Number, required: true },
} as const;

const places = Array.from({ length: dayPlaces }, (_, place) => `day${String(place)}`);

const schema = new Schema(
  {
    _id: { type: String, required: true },
    tenant: { type: String, required: true },
    hour: { type: count, required: true },
    day: { type: count, required: true },
    month: { type: count, required: true },
    outcomes: {
      type: {
        _id: false,
        start: { type: Number, required: true },
        delivered: { type: Number, required: true },
        bounced: { type: Number, required: true },
        told: { type: Number, required: true },
      },
      required: true,
    },
    updatedAt: { type: Number, required: true },
    busiest: {
      type: {
        _id: false,
        ...Object.fromEntries(
          places.map((place) => [
            place,
            { type: { _id: false, start: Number, recipients: Number } },
          ]),
        ),
      },
    },
    since: Number,
    unusualDay: Number,
    unusual: { type: String, enum: ['volume', 'recipients'] satisfies Unusual[] },
    firstUsedAt: Number,
  },
  { versionKey: false },
)
  .index({ tenant: 1 })
  .index({ updatedAt: 1 });

export async function openUsageCollection(connection: Connection): Promise<UsageCollection> {
  const model = connection.models['Usage'] ?? connection.model('Usage', schema, 'usage');
  await openCollection(model);
  return model.collection as unknown as UsageCollection;
}

/** Counts to add for one tenant or credential. */
export interface Addition extends Pick<Account, 'id' | 'tenant'> {
  readonly counts: readonly Count[];
  readonly outcomes: OutcomeCount;
}

export interface Found extends Pick<Account, 'id' | 'tenant'> {
  readonly counts: readonly Count[];
  /** In the order of `windows`. */
  readonly told: readonly number[];
  readonly outcomes: OutcomeCount;
  readonly isThrottleTold: boolean;
  readonly volume: VolumeHistory;
}

/** What was sent, by all processes of ingress. */
export interface UsageStore {
  /** Adds these counts, and returns what is stored of these accounts then. */
  add(additions: readonly Addition[]): Promise<Found[]>;
  /** Everything that is stored, or that is stored of one tenant. */
  find(tenant?: string): AsyncIterable<Found>;
  /** True for one caller only, for this percentage or more since this start. */
  tell(id: string, of: Window | 'outcomes', start: number, percent: number): Promise<boolean>;
  /** True for one caller only: the mail of this credential is unusual on the day that began then. */
  setUnusual(id: string, day: number, unusual: Unusual): Promise<boolean>;
  /** Removes what was not used since this time. Returns the number. */
  removeUnused(before: number): Promise<number>;
  /** Removes everything of a tenant. */
  removeOf(tenant: string): Promise<number>;
}

/** The longest operation. After it the counts stay in memory and are written with the next ones. */
const patience = { timeoutMS: 10_000 };

export function createUsageStore(
  collection: UsageCollection,
  clock: { now(): number },
): UsageStore {
  return {
    async add(additions) {
      const operations = additions.map(({ id, tenant, counts, outcomes }) => ({
        updateOne: {
          filter: { _id: id },
          update: [
            {
              $set: {
                tenant: { $literal: tenant },
                updatedAt: clock.now(),
                firstUsedAt: firstUse(clock.now()),
                since: since(counts),
                ...sums(counts),
                outcomes: most(outcomes),
              },
            },
            { $set: busiest(counts) },
          ],
          upsert: true,
        },
      }));
      await collection.bulkWrite(operations, { ordered: false, ...patience });
      const ids = additions.map(({ id }) => id);
      return (await collection.find({ _id: { $in: ids } }, patience).toArray()).map(foundOf);
    },
    async *find(tenant) {
      const filter = tenant === undefined ? {} : { tenant };
      for await (const stored of collection.find(filter)) yield foundOf(stored);
    },
    async tell(id, of, start, percent) {
      const untold = { _id: id, [`${of}.start`]: start, [`${of}.told`]: { $lt: percent } };
      const told = { $set: { [`${of}.told`]: percent } };
      const { modifiedCount } = await collection.updateOne(untold, told, patience);
      return modifiedCount === 1;
    },
    async setUnusual(id, unusualDay, unusual) {
      const unset = { _id: id, unusualDay: { $ne: unusualDay } };
      const { modifiedCount } = await collection.updateOne(
        unset,
        { $set: { unusualDay, unusual } },
        patience,
      );
      return modifiedCount === 1;
    },
    async removeUnused(before) {
      return (await collection.deleteMany({ updatedAt: { $lt: before } }, patience)).deletedCount;
    },
    async removeOf(tenant) {
      return (await collection.deleteMany({ tenant }, patience)).deletedCount;
    },
  };
}

/** The new value of each window. Counts of a window that is over are dropped. */
const sums = (counts: readonly Count[]) =>
  Object.fromEntries(
    windows.map((window, at) => {
      const { start = 0, counts: added = [] } = counts[at] ?? {};
      const isSame = { $eq: [`$${window}.start`, start] };
      const kept = (field: string) => ({ $cond: [isSame, `$${window}.${field}`, 0] });
      const sum = measures.map((measure, of) => [
        measure,
        { $add: [kept(measure), added[of] ?? 0] },
      ]);
      const value = { start, ...Object.fromEntries(sum), told: kept('told') };
      return [window, { $cond: [{ $gt: [`$${window}.start`, start] }, `$${window}`, value] }];
    }),
  );

/** 0 for a document of an older release. */
const firstUse = (now: number) => ({
  $ifNull: ['$firstUsedAt', { $cond: [{ $gt: ['$updatedAt', 0] }, 0, now] }],
});

/**
 * The start of the current day if there was no count for a week before it. A document of an older release has
 * the first use instead.
 */
function since(counts: readonly Count[]) {
  const today = counts[windows.indexOf('day')]?.start ?? 0;
  const isUsed = { $gte: ['$day.start', today - baselineDays * day] };
  return { $cond: [isUsed, { $ifNull: ['$since', { $ifNull: ['$firstUsedAt', 0] }] }, today] };
}

/** Of the same outcomes, the greater counts. They are dropped if their day is over. */
function most({ start, delivered, bounced }: OutcomeCount) {
  const isSame = { $eq: ['$outcomes.start', start] };
  const greater = (field: string, value: number) => ({
    $cond: [isSame, { $max: [`$outcomes.${field}`, value] }, value],
  });
  const value = {
    start,
    delivered: greater('delivered', delivered),
    bounced: greater('bounced', bounced),
    told: { $cond: [isSame, '$outcomes.told', 0] },
  };
  return { $cond: [{ $gt: ['$outcomes.start', start] }, '$outcomes', value] };
}

/** The busiest hour of the day of these counts, after they were added. */
function busiest(counts: readonly Count[]) {
  const hour = counts[windows.indexOf('hour')]?.start ?? 0;
  const start = hour - (hour % day);
  const place = `busiest.day${String(dayIndexOf(start))}`;
  const isSame = { $eq: [`$${place}.start`, start] };
  const recipients = { $max: [`$${place}.recipients`, '$hour.recipients'] };
  return { [place]: { start, recipients: { $cond: [isSame, recipients, '$hour.recipients'] } } };
}

const foundOf = (stored: Stored): Found => ({
  id: stored._id,
  tenant: stored.tenant,
  counts: windows.map((window) => ({
    start: stored[window].start,
    counts: measures.map((measure) => stored[window][measure]),
  })),
  told: windows.map((window) => stored[window].told),
  outcomes: stored.outcomes,
  isThrottleTold: stored.outcomes.told > 0,
  volume: {
    busiest: Object.values(stored.busiest ?? {}),
    unusualDay: stored.unusualDay ?? 0,
    since: stored.since ?? stored.firstUsedAt ?? 0,
    unusual: stored.unusual ?? 'volume',
    firstUsedAt: stored.firstUsedAt ?? 0,
  },
});
