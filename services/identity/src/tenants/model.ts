import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

/** A customer. Name and owner's address are sealed; the address is found by its blind index. */
export interface TenantDocument extends Versioned {
  readonly status: 'active' | 'suspended';
  readonly name: string;
  readonly owner?: string;
  readonly ownerIndex?: string;
  readonly createdAt: number;
}

const schema = new Schema(
  {
    ...versionedFields,
    status: String,
    name: String,
    owner: String,
    ownerIndex: String,
    createdAt: Number,
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ reservedAt: 1 }, { sparse: true });

export async function openTenants(connection: Connection): Promise<Entity<TenantDocument>> {
  const model = connection.model('Tenant', schema, 'tenants');
  await openCollection(model);
  return defineEntity<TenantDocument>(model, {
    name: 'tenant',
    tenantOf: ({ _id }) => _id,
    stateOf: ({ status }) => ({ status }),
  });
}
