import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { Outbox } from './outbox.ts';
import { anyEntity, living, type AnyEntity, type Entity, type Versioned } from './entity.ts';

/** A document without what the writer itself puts in; of a union, one of each. */
export type New<Document extends Versioned> = Document extends Versioned
  ? Omit<Document, Exclude<keyof Versioned, '_id'>>
  : never;
type Changes<Document> = Partial<Omit<Document, keyof Versioned>>;

/**
 * The only way in which identity's documents change: one write with the next version and the mark
 * of the outbox in it, then the others are told. All but `bury` throw a `TenantUnavailable` if
 * nothing may be written for the tenant that the document is of.
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
  /** Leaves a tombstone, also for a fenced tenant. False where no such entity lives. */
  bury<Document extends Versioned>(entity: Entity<Document>, id: string): Promise<boolean>;
}

export function createWriter(options: {
  clock: { now(): number };
  outbox: Outbox;
  access: Pick<Tenants, 'run'>;
}): Writer {
  const { clock, outbox, access } = options;

  /** Of no tenant is what operators have. */
  function write<T>(tenant: string | null, work: () => Promise<T>): Promise<T> {
    return tenant === null ? work() : access.run(tenant, 'write', work);
  }

  async function update(
    entity: AnyEntity,
    filter: mongo.Filter<Versioned>,
    how: mongo.UpdateFilter<Versioned> | mongo.Document[],
  ): Promise<boolean> {
    const after = await entity.collection.findOneAndUpdate(filter, how, {
      returnDocument: 'after',
    });
    if (after === null) return false;
    await outbox.tell(entity, after);
    return true;
  }

  /** As `update`, if nothing forbids it: a look at whose it is comes first. */
  async function updateIfOpen(
    entity: AnyEntity,
    filter: mongo.Filter<Versioned>,
    how: mongo.UpdateFilter<Versioned>,
  ): Promise<boolean> {
    const found = await entity.collection.findOne(filter);
    if (found === null) return false;
    return write(entity.tenantOf(found), () => update(entity, filter, how));
  }

  return {
    insert(of, fields) {
      const entity = anyEntity(of);
      const document: Versioned = { ...fields, version: 1, pendingSince: clock.now() };
      return write(entity.tenantOf(document), async () => {
        await entity.collection.insertOne(document);
        await outbox.tell(entity, document);
      });
    },
    insertClaim(of, fields) {
      const entity = anyEntity(of);
      const document: Versioned = { ...fields, version: 0, claimedAt: clock.now() };
      return write(entity.tenantOf(document), async () => {
        await entity.collection.insertOne(document);
      });
    },
    confirmClaim: (entity, id) =>
      updateIfOpen(
        anyEntity(entity),
        { _id: id, version: 0 },
        { $set: { version: 1, pendingSince: clock.now() }, $unset: { claimedAt: true } },
      ),
    change: (entity, id, changes) =>
      updateIfOpen(
        anyEntity(entity),
        { _id: id, ...living },
        { $set: { ...changes, pendingSince: clock.now() }, $inc: { version: 1 } },
      ),
    bury: (entity, id) =>
      update(anyEntity(entity), { _id: id, ...living }, [
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
