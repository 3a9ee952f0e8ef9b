import { isDuplicateKey } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { ShelfDocument, ShelfModel } from './document.ts';
import { firstSlotOf, slotOf, type SlotRange } from './slots.ts';

/** Someone else has the document now, or nobody any more: whoever sees this stops handling it. */
export class ClaimLost extends Error {
  constructor() {
    super('The claim on the shelf is lost');
    this.name = 'ClaimLost';
  }
}

/** A document that this process has in hand. */
export interface InHand {
  readonly id: string;
  readonly tenant: string;
  readonly claim: string;
}

/**
 * Outcomes update, they never insert: what was purged meanwhile does not come back. Of a fenced tenant
 * nothing is written any more, and everything stays for its purge to count: a `TenantUnavailable` says
 * so.
 */
export interface Shelf {
  /** Puts a message on the shelf; false where it is there already, or was. Throws a `TenantUnavailable`. */
  put(document: ShelfDocument): Promise<boolean>;
  /** Sets fields of a document in hand; a `state` but `claimed` lets go of it. Throws `ClaimLost`. */
  change(inHand: InHand, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends a document in hand: a tombstone stays for a while. Throws `ClaimLost`. */
  finish(inHand: InHand, keepUntil: number): Promise<void>;
  /** The lowest slot before `now` that has something ready. */
  firstDueSlot(now: number): Promise<number | undefined>;
  /** Slots in the range that have something ready. */
  dueSlots(range: SlotRange): Promise<number[]>;
  /** Takes what is ready in a slot, at most `mostAtOnce`; several processes take different documents. */
  claimSlot(slot: number, claim: string): Promise<ShelfDocument[]>;
  /** Takes one held document that is no canary. */
  claimHeld(id: string, claim: string): Promise<ShelfDocument | undefined>;
  /** Says that these documents are still being worked on. */
  renew(claims: readonly { id: string; claim: string }[]): Promise<void>;
}

/** Held mail that expires and lost claims may fill a slot with far more than fits into memory. */
export const mostAtOnce = 100;

/** Parked mail that an operator sees and decides on. */
export const heldForOperator = { state: 'held', kind: { $ne: 'canary' } } as const;

const plain = { promoteBuffers: true } as const;

export function createShelf(
  model: ShelfModel,
  tenants: Pick<Tenants<BareScope>, 'run' | 'refuseFenced'>,
): Shelf {
  // The driver's own collection: making a mongoose document of each would cost more than the write.
  const collection = model.collection as unknown as mongo.Collection<ShelfDocument>;

  async function takeAll(filter: object, claim: string): Promise<boolean> {
    const taken = await collection.updateMany(filter, {
      $set: { state: 'claimed', claim },
      $currentDate: { claimedAt: true },
    });
    return taken.matchedCount > 0;
  }

  async function insert(document: ShelfDocument): Promise<boolean> {
    try {
      await collection.insertOne(document);
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    put: (document) => tenants.run(document.tenant, 'write', () => insert(document)),
    async change(inHand, fields) {
      tenants.refuseFenced(inHand.tenant);
      const { id: _id, claim } = inHand;
      const { matchedCount } = await collection.updateOne({ _id, claim }, toUpdate(fields));
      if (matchedCount === 0) throw new ClaimLost();
    },
    async finish(inHand, keepUntil) {
      tenants.refuseFenced(inHand.tenant);
      const { id: _id, claim } = inHand;
      const tombstone = { state: 'finished', slot: slotOf(keepUntil) } as ShelfDocument;
      const { matchedCount } = await collection.replaceOne({ _id, claim }, tombstone);
      if (matchedCount === 0) throw new ClaimLost();
    },
    async firstDueSlot(now) {
      const due = { state: 'ready', slot: { $gte: 0, $lt: firstSlotOf(now) } } as const;
      const found = await collection.findOne(due, {
        projection: { _id: 0, slot: 1 },
        sort: { slot: 1 },
      });
      return found?.slot;
    },
    dueSlots: ({ from, to }) =>
      collection.distinct('slot', { state: 'ready', slot: { $gte: from, $lt: to } }),
    async claimSlot(slot, claim) {
      const ready = { state: 'ready', slot } as const;
      const some = collection.find(ready, { projection: { _id: 1 } }).limit(mostAtOnce);
      const ids = (await some.toArray()).map(({ _id }) => _id);
      if (ids.length === 0 || !(await takeAll({ ...ready, _id: { $in: ids } }, claim))) return [];
      return collection.find({ state: 'claimed', slot, claim }, plain).toArray();
    },
    async claimHeld(id, claim) {
      if (!(await takeAll({ _id: id, ...heldForOperator }, claim))) return undefined;
      return (await collection.findOne({ _id: id, claim }, plain)) ?? undefined;
    },
    async renew(claims) {
      if (claims.length === 0) return;
      await collection.updateMany(
        {
          _id: { $in: claims.map(({ id }) => id) },
          claim: { $in: [...new Set(claims.map(({ claim }) => claim))] },
        },
        { $currentDate: { claimedAt: true } },
      );
    },
  };
}

function toUpdate(fields: Readonly<Record<string, unknown>>): mongo.UpdateFilter<ShelfDocument> {
  const { state } = fields;
  const unset: Record<string, ''> = {};
  if (state === 'ready' || state === 'held') Object.assign(unset, { claim: '', claimedAt: '' });
  if (state === 'ready') Object.assign(unset, { reason: '', heldAt: '' });
  return Object.keys(unset).length === 0 ? { $set: fields } : { $set: fields, $unset: unset };
}
