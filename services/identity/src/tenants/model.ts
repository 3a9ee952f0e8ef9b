import {
  limitsOf,
  type LimitName,
  type Limits,
  type PlanName,
  type TenantStatus,
} from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';
import { noticedFields, type Noticed } from '../entities/noticed.ts';

/** A customer. Name and owner's address are sealed; the address is found by its blind index. */
export interface TenantDocument extends Versioned {
  readonly status: TenantStatus;
  /** The default plan if there is none. */
  readonly plan?: PlanName;
  /** Limits of its own, in place of those of the plan. */
  readonly limits?: readonly { readonly name: LimitName; readonly value: number }[];
  readonly name: string;
  readonly owner?: string;
  readonly ownerIndex?: string;
  readonly createdAt: number;
  readonly noticed?: Noticed;
  /** The last edition of the documents of privacy that its owners were told of. */
  readonly toldEdition?: number;
  /** How many people were invited since a time in milliseconds. */
  readonly invitations?: { readonly count: number; readonly since: number };
  /** The last findings of detection that its owners were told of, and how many on this UTC day. */
  readonly toldFindings?: {
    readonly ids: readonly string[];
    readonly day: number;
    readonly count: number;
  };
}

const schema = new Schema(
  {
    ...versionedFields,
    status: String,
    plan: String,
    limits: { type: [{ _id: false, name: String, value: Number }], default: undefined },
    name: String,
    owner: String,
    ownerIndex: String,
    createdAt: Number,
    noticed: noticedFields('day', 'month'),
    toldEdition: Number,
    invitations: { type: { _id: false, count: Number, since: Number }, default: undefined },
    toldFindings: {
      type: { _id: false, ids: [String], day: Number, count: Number },
      default: undefined,
    },
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ reservedAt: 1 }, { sparse: true });

/** The limits that are in force for a tenant. */
export const limitsOfTenant = ({ plan, limits = [] }: TenantDocument): Limits =>
  limitsOf(plan, Object.fromEntries(limits.map(({ name, value }) => [name, value])));

export async function openTenants(connection: Connection): Promise<Entity<TenantDocument>> {
  const model = connection.model('Tenant', schema, 'tenants');
  await openCollection(model);
  return defineEntity<TenantDocument>(model, {
    name: 'tenant',
    tenantOf: ({ _id }) => _id,
    stateOf: (document) => ({ status: document.status, limits: limitsOfTenant(document) }),
  });
}
