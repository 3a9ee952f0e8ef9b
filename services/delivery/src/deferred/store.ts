import { day } from '@mysmtp/contracts';
import { isDuplicateKey } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { mongo } from 'mongoose';
import type { DeferredDocument, DeferredModel } from './document.ts';
import { firstBucketOf, bucketOf, type BucketRange } from './buckets.ts';

/** The document is leased by another process or deleted. The caller must stop handling it. */
export class LeaseLostError extends Error {
  constructor() {
    super('The lease in the deferred queue is lost');
    this.name = 'LeaseLostError';
  }
}

/** A document that this process has leased. */
export interface LeasedMessage {
  readonly id: string;
  readonly tenant: string;
  readonly lease: string;
}

/**
 * Outcomes update a document and never insert one, so a purged document does not return. Writes for a
 * fenced tenant throw a `TenantUnavailable`. Its documents stay unchanged, so that the purge counts them.
 */
export interface DeferredStore {
  /** Inserts a message; false if it is or was there already. Throws a `TenantUnavailable`. */
  put(document: DeferredDocument): Promise<boolean>;
  /**
   * Writes tombstones of messages that were never there, in one write. What exists already stays. Nothing is
   * written for a fenced tenant, because its messages are dropped at a redelivery.
   */
  addTombstones(
    finished: readonly { readonly id: string; readonly tenant: string }[],
    keepUntil: number,
  ): Promise<void>;
  /** Sets fields of a leased document. A `state` but `leased` releases it. Throws a `LeaseLostError`. */
  change(leased: LeasedMessage, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Replaces a leased document by a tombstone, which stays until `keepUntil`. Throws a `LeaseLostError`. */
  finish(leased: LeasedMessage, keepUntil: number): Promise<void>;
  /** The lowest bucket before `now` with a ready message. */
  firstDueBucket(now: number): Promise<number | undefined>;
  /** Buckets in the range with ready messages. */
  dueBuckets(range: BucketRange): Promise<number[]>;
  /** Leases at most `mostAtOnce` ready messages of a bucket. Several processes lease different documents. */
  leaseBucket(bucket: number, lease: string): Promise<DeferredDocument[]>;
  /** Leases one held document that is not a canary. */
  leaseHeld(id: string, lease: string): Promise<DeferredDocument | undefined>;
  /** Leases one document that no process works on, held or not. */
  leaseIdle(id: string, lease: string): Promise<DeferredDocument | undefined>;
  /** Renews the leases of these documents. */
  renew(leases: readonly { id: string; lease: string }[]): Promise<void>;
}

/** Longer than the broker may take to redeliver a message. */
export const tombstoneLife = 2 * day;

/** Expired held mail and expired leases may put more messages into one bucket than fit into memory. */
export const mostAtOnce = 100;

/** Held mail that operators see and decide on. */
export const heldForOperator = { state: 'held', kind: { $ne: 'canary' } } as const;

const plain = { promoteBuffers: true } as const;

export function createDeferredStore(
  model: DeferredModel,
  tenants: Pick<Tenants<BareScope>, 'run' | 'writeAll' | 'refuseFenced' | 'fencedBy'>,
): DeferredStore {
  // The driver's own collection: creating a mongoose document would cost more than the write.
  const collection = model.collection as unknown as mongo.Collection<DeferredDocument>;

  async function takeAll(filter: object, lease: string): Promise<boolean> {
    const taken = await collection.updateMany(filter, {
      $set: { state: 'leased', lease },
      $currentDate: { leasedAt: true },
    });
    return taken.matchedCount > 0;
  }

  async function leaseOne(
    filter: { readonly _id: string; readonly state: unknown },
    lease: string,
  ): Promise<DeferredDocument | undefined> {
    if (!(await takeAll(filter, lease))) return undefined;
    return (await collection.findOne({ _id: filter._id, lease }, plain)) ?? undefined;
  }

  async function insert(document: DeferredDocument): Promise<boolean> {
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
    async addTombstones(finished, keepUntil) {
      const alive = finished.filter(({ tenant }) => tenants.fencedBy(tenant) === undefined);
      if (alive.length === 0) return;
      const bucket = bucketOf(keepUntil);
      const tombstones = alive.map(
        ({ id: _id }) => ({ _id, state: 'finished', bucket }) as DeferredDocument,
      );
      const insert = () => collection.insertMany(tombstones, { ordered: false });
      const concerned = alive.map(({ tenant }) => tenant);
      try {
        await tenants.writeAll(concerned, insert);
      } catch (error) {
        if (!areDuplicates(error)) throw error;
      }
    },
    async change(leased, fields) {
      tenants.refuseFenced(leased.tenant);
      const { id: _id, lease } = leased;
      const { matchedCount } = await collection.updateOne({ _id, lease }, toUpdate(fields));
      if (matchedCount === 0) throw new LeaseLostError();
    },
    async finish(leased, keepUntil) {
      tenants.refuseFenced(leased.tenant);
      const { id: _id, lease } = leased;
      const tombstone = { state: 'finished', bucket: bucketOf(keepUntil) } as DeferredDocument;
      const { matchedCount } = await collection.replaceOne({ _id, lease }, tombstone);
      if (matchedCount === 0) throw new LeaseLostError();
    },
    async firstDueBucket(now) {
      const due = { state: 'ready', bucket: { $gte: 0, $lt: firstBucketOf(now) } } as const;
      const found = await collection.findOne(due, {
        projection: { _id: 0, bucket: 1 },
        sort: { bucket: 1 },
      });
      return found?.bucket;
    },
    dueBuckets: ({ from, to }) =>
      collection.distinct('bucket', { state: 'ready', bucket: { $gte: from, $lt: to } }),
    async leaseBucket(bucket, lease) {
      const ready = { state: 'ready', bucket } as const;
      const some = collection.find(ready, { projection: { _id: 1 } }).limit(mostAtOnce);
      const ids = (await some.toArray()).map(({ _id }) => _id);
      if (ids.length === 0 || !(await takeAll({ ...ready, _id: { $in: ids } }, lease))) return [];
      return collection.find({ state: 'leased', bucket, lease }, plain).toArray();
    },
    leaseHeld: (id, lease) => leaseOne({ _id: id, ...heldForOperator }, lease),
    leaseIdle: (id, lease) => leaseOne({ _id: id, state: { $in: ['ready', 'held'] } }, lease),
    async renew(leases) {
      if (leases.length === 0) return;
      await collection.updateMany(
        {
          _id: { $in: leases.map(({ id }) => id) },
          lease: { $in: [...new Set(leases.map(({ lease }) => lease))] },
        },
        { $currentDate: { leasedAt: true } },
      );
    },
  };
}

/** True if nothing but documents that exist already was refused. */
function areDuplicates(error: unknown): boolean {
  if (!(error instanceof mongo.MongoBulkWriteError)) return false;
  const failures = [error.writeErrors].flat();
  return failures.length > 0 && failures.every(isDuplicateKey);
}

function toUpdate(fields: Readonly<Record<string, unknown>>): mongo.UpdateFilter<DeferredDocument> {
  const { state } = fields;
  const unset: Record<string, ''> = {};
  if (state === 'ready' || state === 'held') Object.assign(unset, { lease: '', leasedAt: '' });
  if (state === 'ready') Object.assign(unset, { reason: '', heldAt: '' });
  return Object.keys(unset).length === 0 ? { $set: fields } : { $set: fields, $unset: unset };
}
