import type { Tenants } from '@mysmtp/tenancy';
import type { mongo } from 'mongoose';
import type { EncryptedFields } from '../encrypted-fields/encrypted-fields.ts';
import type { ProviderDocument, ProviderSettings } from './model.ts';

/** The OpenID providers of tenants; at most one each. Those of a fenced tenant are hidden. */
export interface Providers {
  find(tenant: string): Promise<ProviderSettings | undefined>;
  /** The secret of our client at the provider. No route shows it. */
  secretOf(tenant: string): Promise<string | undefined>;
  /** Without a secret the stored one stays. False if there is none. */
  set(tenant: string, settings: ProviderSettings, clientSecret?: string): Promise<boolean>;
  /** False if there is none. */
  remove(tenant: string): Promise<boolean>;
  /** Deletes that of a tenant. Returns how many there were. */
  purge(tenant: string): Promise<number>;
}

const fieldPath = (tenant: string, field: 'settings' | 'clientSecret') =>
  `signInProviders:${tenant}:${field}` as const;

export function createProviders(deps: {
  readonly collection: mongo.Collection<ProviderDocument>;
  readonly access: Pick<Tenants, 'run' | 'fencedBy'>;
  readonly fields: EncryptedFields;
  readonly clock: { now(): number };
}): Providers {
  const { collection, access, fields, clock } = deps;

  async function read(tenant: string, field: 'settings' | 'clientSecret') {
    const found = await collection.findOne({ _id: tenant });
    if (found === null || access.fencedBy(tenant) !== undefined) return undefined;
    return fields.open(tenant, fieldPath(tenant, field), found[field]);
  }

  return {
    async find(tenant) {
      const settings = await read(tenant, 'settings');
      return settings === undefined ? undefined : (JSON.parse(settings) as ProviderSettings);
    },
    secretOf: (tenant) => read(tenant, 'clientSecret'),
    async set(tenant, settings, clientSecret) {
      const path = fieldPath(tenant, 'settings');
      const change: Partial<ProviderDocument> = {
        settings: await fields.seal(tenant, path, JSON.stringify(settings)),
        ...(clientSecret !== undefined && {
          clientSecret: await fields.seal(tenant, fieldPath(tenant, 'clientSecret'), clientSecret),
        }),
        changedAt: clock.now(),
      };
      const upsert = clientSecret !== undefined;
      const { matchedCount, upsertedCount } = await access.run(tenant, 'write', () =>
        collection.updateOne({ _id: tenant }, { $set: change }, { upsert }),
      );
      return matchedCount + upsertedCount === 1;
    },
    async remove(tenant) {
      return (await collection.deleteOne({ _id: tenant })).deletedCount === 1;
    },
    async purge(tenant) {
      return (await collection.deleteMany({ _id: tenant })).deletedCount;
    },
  };
}
