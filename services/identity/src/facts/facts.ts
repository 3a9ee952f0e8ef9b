import type { KeyObject } from 'node:crypto';
import type { KeyId } from '@mysmtp/contracts';
import { open, seal } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';

/** Where a sealed value stands: part of what it is bound to, so that it opens nowhere else. */
export type FactPlace = `${'tenants' | 'domains' | 'credentials'}:${string}:${string}`;

/**
 * Facts about a tenant that may name a person, sealed under its account key; base64 in documents.
 * Throws a `TenantUnavailable`.
 */
export interface Facts {
  seal(tenant: string, place: FactPlace, text: string): Promise<string>;
  open(tenant: string, place: FactPlace, sealed: string): Promise<string>;
  indexKey(tenant: string): Promise<KeyObject>;
}

const keyId = 'account';

export function createFacts(access: Pick<Tenants, 'run'>): Facts {
  const keyOf = (tenant: string, id: KeyId) => access.run(tenant, 'read', (scope) => scope.key(id));

  return {
    async seal(tenant, record, text) {
      const key = await keyOf(tenant, keyId);
      return seal(key, { tenant, keyId, record }, Buffer.from(text)).toString('base64');
    },
    async open(tenant, record, sealed) {
      const key = await keyOf(tenant, keyId);
      return open(key, { tenant, record }, Buffer.from(sealed, 'base64')).toString();
    },
    indexKey: async (tenant) => keyOf(tenant, 'index'),
  };
}
