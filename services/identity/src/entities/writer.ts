import type { Gate } from '@mysmtp/erasure';
import type { mongo } from 'mongoose';
import type { Outbox } from '../outbox/outbox.ts';
import { anyEntity, living, type AnyEntity, type Entity, type Versioned } from './entity.ts';

/** A document without what the writer itself puts in; of a union, one of each. */
export type New<Document extends Versioned> = Document extends Versioned
  ? Omit<Document, Exclude<keyof Versioned, '_id'>>
  : never;
type Changes<Document> = Partial<Omit<Document, keyof Versioned>>;

/**
 * The only way in which identity's documents change: one write with the next version and the mark
 * of the outbox in it, then the others are told. Nothing is written for a fenced tenant but its
 * tombstones: all but `bury` throw a `FencedError`, and a `NotCurrentError` while nobody can know.
 */
export interface Writer {
  insert<Document extends Versioned>(
    entity: Entity<Document>,
    fields: New<Document>,
  ): Promise<void>;
  /** Inserts what is not in force yet, invisible to everybody but other claims. */
  insertClaim<Document extends Versioned>(
    entity: Entity<Document>,
    fields: New<Document>,
  ): Promise<void>;
  /** Puts a claim in force. False where it is no longer there. */
  confirmClaim<Document extends Versioned>(entity: Entity<Document>, id: string): Promise<boolean>;
  /** False where no such entity lives. */
  change<Document extends Versioned>(
    entity: Entity<Document>,
    id: string,
    changes: Changes<Document>,
  ): Promise<boolean>;
  /** Leaves a tombstone. False where no such entity lives. */
  bury<Document extends Versioned>(entity: Entity<Document>, id: string): Promise<boolean>;
}

export function createWriter(options: {
  readonly clock: { now(): number };
  readonly outbox: Outbox;
  readonly gate: Pick<Gate, 'pass'>;
}): Writer {
  const { clock, outbox, gate } = options;

  /** What belongs to nobody passes too, as long as anything may be written at all. */
  function pass<T>(entity: AnyEntity, document: Versioned, work: () => Promise<T>): Promise<T> {
    const tenant = entity.tenantOf(document);
    return gate.pass(tenant === null ? [] : tenant, work);
  }

  /** Changes what lives or is claimed, unless its tenant is fenced. */
  async function passAndUpdate<Document extends Versioned>(
    of: Entity<Document>,
    filter: mongo.Filter<Versioned>,
    how: mongo.UpdateFilter<Versioned>,
  ): Promise<boolean> {
    const entity = anyEntity(of);
    const before = await entity.collection.findOne(filter);
    return before !== null && pass(entity, before, () => update(of, filter, how));
  }

  async function update<Document extends Versioned>(
    of: Entity<Document>,
    filter: mongo.Filter<Versioned>,
    how: mongo.UpdateFilter<Versioned> | mongo.Document[],
  ): Promise<boolean> {
    const entity = anyEntity(of);
    const after = await entity.collection.findOneAndUpdate(filter, how, {
      returnDocument: 'after',
    });
    if (after === null) return false;
    await outbox.tell(entity, after);
    return true;
  }

  return {
    async insert(of, fields) {
      const entity = anyEntity(of);
      const document: Versioned = { ...fields, version: 1, pendingSince: clock.now() };
      await pass(entity, document, async () => {
        await entity.collection.insertOne(document);
        await outbox.tell(entity, document);
      });
    },
    async insertClaim(of, fields) {
      const entity = anyEntity(of);
      const document: Versioned = { ...fields, version: 0, claimedAt: clock.now() };
      await pass(entity, document, () => entity.collection.insertOne(document));
    },
    confirmClaim: (entity, id) =>
      passAndUpdate(
        entity,
        { _id: id, version: 0 },
        { $set: { version: 1, pendingSince: clock.now() }, $unset: { claimedAt: true } },
      ),
    change: (entity, id, changes) =>
      passAndUpdate(
        entity,
        { _id: id, ...living },
        { $set: { ...changes, pendingSince: clock.now() }, $inc: { version: 1 } },
      ),
    bury: (entity, id) =>
      update(entity, { _id: id, ...living }, [
        {
          $replaceWith: {
            _id: '$_id',
            version: { $add: ['$version', 1] },
            pendingSince: { $literal: clock.now() },
            gone: { $literal: true },
          },
        },
      ]),
  };
}
