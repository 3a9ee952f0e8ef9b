import { CodedError, day, hour, lowestMessageId, timeOfMessageId } from '@mysmtp/contracts';
import type { Connection, mongo } from 'mongoose';
import type { DeferredDocument, DeferredModel, DeferredState } from './document.ts';
import { pastDue } from '../core/schedule.ts';
import { firstBucketOf, bucketOf, timeOfBucket } from './buckets.ts';

/** Periodic maintenance of the deferred queue. Jobs run it; workers do not. */
export interface Maintenance {
  /** Makes messages with an expired lease due again, except leases of this process (`ours`). */
  releaseExpired(now: number, ours: RegExp): Promise<number>;
  /** Held mail past its expiry becomes due, and then expires like other mail. */
  expireHeld(now: number): Promise<number>;
  /** Makes the waiting messages of a tenant due. Recipients that are not due yet are not tried. */
  makeDue(tenant: string, now: number): Promise<number>;
  /** Removes expired tombstones. */
  sweepTombstones(now: number): Promise<number>;
  /** How many messages are in a state. */
  count(state: DeferredState): Promise<number>;
  /** Unfinished messages whose id, and so their key, is of this UTC day. */
  countOfDay(day: string): Promise<number>;
  /** Acceptance time of the oldest unfinished message that was accepted at `since` or later; 0: of all. */
  oldest(since: number, now: number): Promise<number | undefined>;
}

const month = 30 * day;

export function createMaintenance(
  model: DeferredModel,
  database: Connection,
  /**
   * How long a lease lasts, and how long after its last renewal a possibly poisonous message is due again.
   * Milliseconds.
   */
  { lease, crashPause }: { readonly lease: number; readonly crashPause: number },
): Maintenance {
  const collection = model.collection as unknown as mongo.Collection<DeferredDocument>;
  let sweptUntil = 0;

  /** The database's clock, because the clocks of processes differ from it and from each other. */
  async function serverTime(): Promise<number> {
    if (database.db === undefined)
      throw new CodedError('internal_fault', 'The database is not open');
    const { localTime } = await database.db.command({ hello: 1 });
    return (localTime as Date).getTime();
  }

  return {
    async releaseExpired(now, ours) {
      // One read at rest, in place of three updates.
      if ((await collection.findOne({ state: 'leased' }, { projection: { _id: 1 } })) === null)
        return 0;
      // Stored as leased and not renewed yet: the lease time begins now.
      await collection.updateMany(
        { state: 'leased', leasedAt: { $exists: false } },
        { $currentDate: { leasedAt: true } },
      );
      const before = new Date((await serverTime()) - lease);
      const lost = { state: 'leased', leasedAt: { $lt: before }, lease: { $not: ours } } as const;
      const giveBack = async (of: object, change: Partial<DeferredDocument>): Promise<number> => {
        const update = {
          $set: { state: 'ready', ...change },
          $unset: { lease: '', leasedAt: '' },
        };
        return (await collection.updateMany({ ...lost, ...of }, update as object)).modifiedCount;
      };
      // A possibly poisonous message may crash its process again. The delay also spares the receiver.
      const later = firstBucketOf(now + Math.max(0, crashPause - lease));
      const poisonous = await giveBack({ unfinishedHandlings: { $gt: 0 } }, { bucket: later });
      // In flight when its process crashed: possibly poisonous from now on.
      const first = { bucket: firstBucketOf(pastDue(now)), unfinishedHandlings: 1 };
      return poisonous + (await giveBack({ unfinishedHandlings: 0 }, first));
    },
    async expireHeld(now) {
      const { modifiedCount } = await collection.updateMany(
        { state: 'held', bucket: { $gte: 0, $lt: firstBucketOf(now) } },
        { $set: { state: 'ready', bucket: bucketOf(pastDue(now)) } },
      );
      return modifiedCount;
    },
    async makeDue(tenant, now) {
      const nextAt = pastDue(now);
      const { modifiedCount } = await collection.updateMany(
        { tenant, state: 'ready', nextAt: { $gt: nextAt } },
        { $set: { nextAt, bucket: firstBucketOf(nextAt) } },
      );
      return modifiedCount;
    },
    async sweepTombstones(now) {
      let removed = 0;
      // A tombstone that was written late may expire before the last sweep.
      const expired = { state: 'finished', bucket: { $gte: 0, $lt: firstBucketOf(now) } } as const;
      const first = await collection.findOne(expired, {
        projection: { _id: 0, bucket: 1 },
        sort: { bucket: 1 },
      });
      const since = first === null ? now : timeOfBucket(first.bucket);
      for (const { from, to } of steps(since, Math.max(sweptUntil, now - month), now)) {
        const bucket = { $gte: firstBucketOf(from), $lt: firstBucketOf(Math.min(to, now)) };
        removed += (await collection.deleteMany({ state: 'finished', bucket })).deletedCount;
      }
      sweptUntil = now;
      return removed;
    },
    count: (state) => collection.countDocuments({ state }),
    countOfDay(text) {
      const start = Date.parse(text);
      return collection.countDocuments({
        _id: { $gte: lowestMessageId(start), $lt: lowestMessageId(start + day) },
        state: { $ne: 'finished' },
      });
    },
    async oldest(since, now) {
      // Without this each start would search every hour of a month. Tombstones have ids, too.
      const first = await collection.findOne(
        { _id: { $gte: lowestMessageId(since) } },
        { projection: { _id: 1 }, sort: { _id: 1 } },
      );
      if (first === null) return undefined;
      for (const { from, to } of steps(timeOfMessageId(first._id), now - month, now)) {
        const range = { $gte: lowestMessageId(from), $lt: lowestMessageId(to) };
        const found = await collection.findOne(
          { _id: range, state: { $ne: 'finished' } },
          { projection: { acceptedAt: 1 }, sort: { _id: 1 } },
        );
        if (found !== null) return found.acceptedAt;
      }
      return undefined;
    },
  };
}

/** Ranges of an hour, so that no query is large. The time before `longAgo` has few documents: one range. */
function* steps(
  since: number,
  longAgo: number,
  until: number,
): Generator<{ readonly from: number; readonly to: number }> {
  for (let from = since, to = Math.max(longAgo, since + hour); from <= until; to += hour) {
    yield { from, to };
    from = to;
  }
}
