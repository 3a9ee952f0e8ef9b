import type { DkimPublication, DomainStatus, Signing } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection } from 'mongoose';
import { defineEntity, versionedFields, type Entity, type Versioned } from '../entities/entity.ts';

/** A sender domain. Its name is sealed, and found by a blind index under its tenant's own key. */
export interface DomainDocument extends Versioned {
  readonly tenant: string;
  readonly name: string;
  readonly nameIndex: string;
  readonly signing: Signing;
  /** Absent in a document of a release in which an operator vouched for every domain. */
  readonly status?: DomainStatus;
  /** The last vouch: why (sealed), who, and when. */
  readonly vouchReason?: string;
  readonly vouchedBy?: string;
  readonly vouchedAt?: number;
  /** The key that delivery signs with: its selector, and the public key (sealed). */
  readonly dkimSelector?: string;
  readonly dkimKey?: string;
  /** Absent in a document of an earlier release until its first check. */
  readonly dkim?: DkimPublication;
  readonly createdAt: number;
}

const schema = new Schema(
  {
    ...versionedFields,
    tenant: String,
    name: String,
    nameIndex: String,
    signing: String,
    status: String,
    vouchReason: String,
    vouchedBy: String,
    vouchedAt: Number,
    dkimSelector: String,
    dkimKey: String,
    dkim: String,
    createdAt: Number,
  },
  { versionKey: false },
)
  .index({ pendingSince: 1 }, { sparse: true })
  .index({ reservedAt: 1 }, { sparse: true })
  .index({ tenant: 1 });

export async function openDomains(connection: Connection): Promise<Entity<DomainDocument>> {
  const model = connection.model('Domain', schema, 'domains');
  await openCollection(model);
  return defineEntity<DomainDocument>(model, {
    name: 'domain',
    tenantOf: ({ tenant }) => tenant,
    stateOf: ({ tenant, name, nameIndex, signing, status, dkimSelector, dkim }) => ({
      tenant,
      name,
      nameIndex,
      signing,
      ...(status && { status }),
      ...(dkimSelector !== undefined && { dkimSelector }),
      ...(dkim && { dkim }),
    }),
  });
}
