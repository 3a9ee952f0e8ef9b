import { CodedError, day, hour, lowestMessageId } from '@mysmtp/contracts';
import type { Connection, mongo } from 'mongoose';
import type { ShelfDocument, ShelfModel, ShelfState } from './document.ts';
import { justDue } from '../core/schedule.ts';
import { firstSlotOf, slotOf } from './slots.ts';

/** What nobody does who has a claim: it is done by the clock. */
export interface Upkeep {
  /**
   * Gives back what a process claimed that has not been heard of for the length of a lease, except if
   * the claim is `ours`: what this process has in hand is not lost.
   */
  releaseLost(now: number, ours: RegExp): Promise<number>;
  /** Held mail whose time is over becomes due, and expires like any other. */
  expireHeld(now: number): Promise<number>;
  /** Removes tombstones whose time is over. */
  sweepTombstones(now: number): Promise<number>;
  /** How many messages are in a state. */
  count(state: ShelfState): Promise<number>;
  /** Messages whose id, and so their key, is of this UTC day, and that are not finished. */
  countOfDay(day: string): Promise<number>;
  /** Acceptance of the oldest message that is not finished, looked for from `since` on; 0 is the beginning. */
  oldest(since: number, now: number): Promise<number | undefined>;
}

/** So long after its process was last heard of; `handlings` ends it after a few. Milliseconds. */
const afterCrash = 15_000;

const month = 30 * day;

export function createUpkeep(model: ShelfModel, database: Connection, lease: number): Upkeep {
  const collection = model.collection as unknown as mongo.Collection<ShelfDocument>;
  let sweptUntil = 0;

  /** The database's clock: those of the processes may differ from it and from each other. */
  async function serverTime(): Promise<number> {
    if (database.db === undefined)
      throw new CodedError('internal_fault', 'The database is not open');
    const { localTime } = await database.db.command({ hello: 1 });
    return (localTime as Date).getTime();
  }

  return {
    async releaseLost(now, ours) {
      // Put on the shelf as claimed, and not renewed yet: from now on its lease runs.
      await collection.updateMany(
        { state: 'claimed', claimedAt: { $exists: false } },
        { $currentDate: { claimedAt: true } },
      );
      const before = new Date((await serverTime()) - lease);
      const lost = { state: 'claimed', claimedAt: { $lt: before }, claim: { $not: ours } } as const;
      const giveBack = async (of: object, change: Partial<ShelfDocument>): Promise<number> => {
        const update = {
          $set: { state: 'ready', ...change },
          $unset: { claim: '', claimedAt: '' },
        };
        return (await collection.updateMany({ ...lost, ...of }, update as object)).modifiedCount;
      };
      // A suspect that is lost again may be what kills its process, and no receiver is hammered.
      const later = firstSlotOf(now + Math.max(0, afterCrash - lease));
      const suspects = await giveBack({ handlings: { $gt: 0 } }, { slot: later });
      // Its process died with it in hand: a suspect from now on.
      const first = { slot: firstSlotOf(justDue(now)), handlings: 1 };
      return suspects + (await giveBack({ handlings: 0 }, first));
    },
    async expireHeld(now) {
      const { modifiedCount } = await collection.updateMany(
        { state: 'held', slot: { $gte: 0, $lt: firstSlotOf(now) } },
        { $set: { state: 'ready', slot: slotOf(justDue(now)) } },
      );
      return modifiedCount;
    },
    async sweepTombstones(now) {
      let removed = 0;
      // From the beginning: a tombstone that was written late has its end before the last sweep.
      for (const { from, to } of steps(0, Math.max(sweptUntil, now - month), now)) {
        const slot = { $gte: firstSlotOf(from), $lt: firstSlotOf(Math.min(to, now)) };
        removed += (await collection.deleteMany({ state: 'finished', slot })).deletedCount;
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
      for (const { from, to } of steps(since, now - month, now)) {
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

/** Hour by hour, so that no query is a large one; what is before `longAgo`, seldom anything, at once. */
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
