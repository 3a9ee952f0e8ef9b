import type { IdentityChange, IdentityEntity } from '@mysmtp/contracts';
import type { Collection, mongo } from 'mongoose';

/**
 * What every document of identity has: it is the truth about one entity, its version and whether
 * the others have been told, all in one, so that one write changes them together.
 */
export interface Versioned {
  readonly _id: string;
  /** 0 while it is only claimed and not in force; grows by one with every change from then on. */
  readonly version: number;
  /** The outbox: since when (milliseconds) this version waits to be told. Absent once the broker has it. */
  readonly pendingSince?: number;
  /** When it was claimed, while it is only claimed. */
  readonly claimedAt?: number;
  /** A tombstone: only id and version are left, so that nothing older ever brings it back. */
  readonly gone?: true;
}

/** The fields above, for mongoose schemas. */
export const versionedFields = {
  _id: { type: String, required: true },
  version: { type: Number, required: true },
  pendingSince: Number,
  claimedAt: Number,
  gone: Boolean,
} as const;

/** One kind of entity: where it is kept, and what of it the other services may know. */
export interface Entity<Document extends Versioned> {
  readonly name: IdentityEntity;
  readonly collection: mongo.Collection<Document>;
  /** Whose it is; `null` where it is no tenant's. */
  tenantOf(document: Document): string | null;
  stateOf(document: Document): NonNullable<IdentityChange['state']>;
}

/** Any kind, where only what all have in common matters. */
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

/** What lives: neither a claim under way nor a tombstone. */
export const living = { version: { $gte: 1 }, gone: { $exists: false } } as const;

/** What the others are told of a document, by event or in a snapshot. */
export function changeOf(entity: AnyEntity, document: Versioned): IdentityChange {
  return {
    v: 1,
    entity: entity.name,
    id: document._id,
    version: document.version,
    state: document.gone === true ? null : entity.stateOf(document),
  } as IdentityChange;
}
