import type { DkimPublication, DomainStatus, Ed25519Publication, Signing } from '@mysmtp/contracts';
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
  /** The RSA key that delivery signs with: its selector, and the public key (sealed). */
  readonly dkimSelector?: string;
  readonly dkimKey?: string;
  /** Absent in a document of an earlier release until its first check. */
  readonly dkim?: DkimPublication;
  /** The same of the Ed25519 key. Absent until delivery has reported one. */
  readonly ed25519Selector?: string;
  readonly ed25519Key?: string;
  readonly ed25519?: Ed25519Publication;
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
    ed25519Selector: String,
    ed25519Key: String,
    ed25519: String,
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
    stateOf: ({ tenant, name, nameIndex, signing, status, ...keys }) => ({
      tenant,
      name,
      nameIndex,
      signing,
      ...(status && { status }),
      ...(keys.dkimSelector !== undefined && { dkimSelector: keys.dkimSelector }),
      ...(keys.dkim && { dkim: keys.dkim }),
      ...(keys.ed25519Selector !== undefined && { ed25519Selector: keys.ed25519Selector }),
      ...(keys.ed25519 && { ed25519: keys.ed25519 }),
    }),
  });
}
