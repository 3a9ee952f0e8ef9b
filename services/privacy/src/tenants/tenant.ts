import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type Model } from 'mongoose';

/**
 * State and key of a tenant in one document, so that no race can give an erased tenant a key.
 * `preparing`: has a key that is not in use yet. `active`: uses it. `fenced`: still has it, but no
 * service gets it. `erased`: has none and never gets one again.
 */
export interface TenantDocument {
  readonly _id: string;
  readonly state: 'preparing' | 'active' | 'fenced' | 'erased';
  /** The root that wraps `wrapped`; `null` once erased. */
  readonly epoch: string | null;
  /** The tenant's 256-bit master key, sealed under that root; base64. */
  readonly wrapped: string | null;
  /** Grows with every change. Every change names the version that it replaces. */
  readonly version: number;
  readonly createdAt: Date;
}

const schema = new Schema<TenantDocument>(
  {
    _id: { type: String, required: true },
    state: { type: String, required: true, enum: ['preparing', 'active', 'fenced', 'erased'] },
    epoch: { type: String, default: null },
    wrapped: { type: String, default: null },
    version: { type: Number, required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
);
// Rewrapping queries tenants that are not under the newest epoch.
schema.index({ epoch: 1 });

export async function openTenantModel(connection: Connection): Promise<Model<TenantDocument>> {
  const model = connection.model<TenantDocument>('Tenant', schema, 'tenants');
  await openCollection(model);
  return model;
}
