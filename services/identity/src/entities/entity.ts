import type { IdentityChange, IdentityEntity } from '@mysmtp/contracts';
import type { Collection, mongo } from 'mongoose';

/**
 * Common fields of every document of identity. State, version and the outbox mark are in one document, so
 * that one write changes them together.
 */
export interface Versioned {
  readonly _id: string;
  /** 0 while it is only reserved; grows by one with every change from then on. */
  readonly version: number;
  /**
   * The outbox mark: when this version was written (milliseconds). Removed once the broker has confirmed
   * the version.
   */
  readonly pendingSince?: number;
  /** When it, or a value that an active one is about to get, was reserved; only while it is reserved. */
  readonly reservedAt?: number;
  /** A tombstone: only id and version are left, so that no older state brings it back. */
  readonly deleted?: true;
}

/** The fields above, for mongoose schemas. */
export const versionedFields = {
  _id: { type: String, required: true },
  version: { type: Number, required: true },
  pendingSince: Number,
  reservedAt: Number,
  deleted: Boolean,
} as const;

/** One kind of entity: its collection, and the state that other services may see. */
export interface Entity<Document extends Versioned> {
  readonly name: IdentityEntity;
  readonly collection: mongo.Collection<Document>;
  /** The tenant that owns it; `null` if no tenant does. */
  tenantOf(document: Document): string | null;
  stateOf(document: Document): NonNullable<IdentityChange['state']>;
}

/** Any kind, if only the common fields matter. */
export type AnyEntity = Entity<Versioned>;

export function defineEntity<Document extends Versioned>(
  model: { readonly collection: Collection },
  definition: Pick<Entity<Document>, 'name' | 'tenantOf' | 'stateOf'>,
): Entity<Document> {
  return { ...definition, collection: model.collection as unknown as mongo.Collection<Document> };
}

export function anyEntity<Document extends Versioned>(entity: Entity<Document>): AnyEntity {
  return entity as unknown as AnyEntity;
}

/** Active entities: neither reservations nor tombstones. */
export const isActive = { version: { $gte: 1 }, deleted: { $exists: false } } as const;

/** The change that other services receive for a document, by event or in a snapshot. */
export function changeOf(entity: AnyEntity, document: Versioned): IdentityChange {
  return {
    v: 1,
    entity: entity.name,
    id: document._id,
    version: document.version,
    state: document.deleted === true ? null : entity.stateOf(document),
  } as IdentityChange;
}
