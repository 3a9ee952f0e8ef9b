import type { mongo } from 'mongoose';
import type { Outbox } from '../outbox/outbox.ts';
import { anyEntity, living, type Entity, type Versioned } from './entity.ts';

/** A document without what the writer itself puts in; of a union, one of each. */
export type New<Document extends Versioned> = Document extends Versioned
  ? Omit<Document, Exclude<keyof Versioned, '_id'>>
  : never;
type Changes<Document> = Partial<Omit<Document, keyof Versioned>>;

/**
 * The only way in which identity's documents change: one write with the next version and the mark
 * of the outbox in it, then the others are told.
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

export function createWriter(options: { clock: { now(): number }; outbox: Outbox }): Writer {
  const { clock, outbox } = options;

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
      await entity.collection.insertOne(document);
      await outbox.tell(entity, document);
    },
    async insertClaim(of, fields) {
      await anyEntity(of).collection.insertOne({ ...fields, version: 0, claimedAt: clock.now() });
    },
    confirmClaim: (entity, id) =>
      update(
        entity,
        { _id: id, version: 0 },
        { $set: { version: 1, pendingSince: clock.now() }, $unset: { claimedAt: true } },
      ),
    change: (entity, id, changes) =>
      update(
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
