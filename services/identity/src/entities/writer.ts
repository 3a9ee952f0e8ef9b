import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { Outbox } from './outbox.ts';
import { anyEntity, isActive, type AnyEntity, type Entity, type Versioned } from './entity.ts';

/** A document without the fields that the writer adds; for a union, applied to each member. */
export type New<Document extends Versioned> = Document extends Versioned
  ? Omit<Document, Exclude<keyof Versioned, '_id'>>
  : never;
type Changes<Document> = Partial<Omit<Document, keyof Versioned>>;

/**
 * The only code that changes documents of identity. One write has the change, the next version and the
 * outbox mark; then the change is published. All functions but `deleteEntity` throw a `TenantUnavailable`
 * if nothing may be written for the document's tenant.
 */
export interface Writer {
  insert<Document extends Versioned>(
    entity: Entity<Document>,
    fields: New<Document>,
  ): Promise<void>;
  /** Inserts a document that is not active yet. Only other reservations see it. */
  insertReservation<Document extends Versioned>(
    entity: Entity<Document>,
    fields: New<Document>,
  ): Promise<void>;
  /** Activates a reservation. False if it no longer exists. */
  confirmReservation<Document extends Versioned>(
    entity: Entity<Document>,
    id: string,
  ): Promise<boolean>;
  /** False if there is no such active entity, or none with these values (`only`). */
  change<Document extends Versioned>(
    entity: Entity<Document>,
    id: string,
    changes: Changes<Document>,
    only?: mongo.Filter<Document>,
  ): Promise<boolean>;
  /** Leaves a tombstone, also for a fenced tenant. False if there is no such active entity. */
  deleteEntity<Document extends Versioned>(entity: Entity<Document>, id: string): Promise<boolean>;
}

export function createWriter(deps: {
  clock: { now(): number };
  outbox: Outbox;
  access: Pick<Tenants, 'run'>;
}): Writer {
  const { clock, outbox, access } = deps;

  /** Without a tenant: documents of operators, which no fence blocks. */
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
    await outbox.publish(entity, after);
    return true;
  }

  /** As `update`, but only if the document's tenant may be written for. */
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
        await outbox.publish(entity, document);
      });
    },
    insertReservation(of, fields) {
      const entity = anyEntity(of);
      const document: Versioned = { ...fields, version: 0, reservedAt: clock.now() };
      return write(entity.tenantOf(document), async () => {
        await entity.collection.insertOne(document);
      });
    },
    confirmReservation: (entity, id) =>
      updateIfOpen(
        anyEntity(entity),
        { _id: id, version: 0 },
        { $set: { version: 1, pendingSince: clock.now() }, $unset: { reservedAt: true } },
      ),
    change: (entity, id, changes, only) =>
      updateIfOpen(
        anyEntity(entity),
        { ...(only as mongo.Filter<Versioned>), _id: id, ...isActive },
        { $set: { ...changes, pendingSince: clock.now() }, $inc: { version: 1 } },
      ),
    deleteEntity: (entity, id) =>
      update(anyEntity(entity), { _id: id, ...isActive }, [
        {
          $replaceWith: {
            _id: '$_id',
            version: { $add: ['$version', 1] },
            pendingSince: { $literal: clock.now() },
            deleted: { $literal: true },
          },
        },
      ]),
  };
}
