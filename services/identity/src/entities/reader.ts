import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import { anyEntity, isActive, type AnyEntity, type Entity, type Versioned } from './entity.ts';

interface Listed extends Versioned {
  readonly tenant: string | null;
  readonly createdAt: number;
}

/** Finds active entities. Entities of a fenced tenant are hidden, as if they had never existed. */
export interface Reader {
  find<Document extends Versioned>(
    entity: Entity<Document>,
    id: string,
  ): Promise<Document | undefined>;
  /** All of one tenant, or with `null` those without a tenant; oldest first. */
  list<Document extends Listed>(
    entity: Entity<Document>,
    tenant: string | null,
  ): Promise<Document[]>;
  /** Whether this document must not be shown any more. Tombstones may always be shown. */
  hides(entity: AnyEntity, document: Versioned): boolean;
}

export function createReader(access: Pick<Tenants, 'fencedBy'>): Reader {
  const isFenced = (tenant: string | null) =>
    tenant !== null && access.fencedBy(tenant) !== undefined;

  function hides(entity: AnyEntity, document: Versioned): boolean {
    return document.deleted !== true && isFenced(entity.tenantOf(document));
  }

  return {
    hides,
    async find<Document extends Versioned>(entity: Entity<Document>, id: string) {
      const filter = { _id: id, ...isActive } as mongo.Filter<Document>;
      const found = (await entity.collection.findOne(filter)) as Document | null;
      return found === null || hides(anyEntity(entity), found) ? undefined : found;
    },
    async list<Document extends Listed>(entity: Entity<Document>, tenant: string | null) {
      if (isFenced(tenant)) return [];
      const filter = { tenant, ...isActive } as mongo.Filter<Document>;
      const found = (await entity.collection.find(filter).toArray()) as Document[];
      return found.toSorted((a, b) => a.createdAt - b.createdAt);
    },
  };
}
