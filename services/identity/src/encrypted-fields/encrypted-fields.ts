import type { KeyObject } from 'node:crypto';
import type { KeyId } from '@mysmtp/contracts';
import { open, seal } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';

/** Location of a sealed value. The value is bound to it and opens at no other location. */
export type FieldPath = `${Store}:${string}:${string}`;
type Store =
  | 'tenants'
  | 'domains'
  | 'domainChecks'
  | 'credentials'
  | 'suspensions'
  | 'tokens'
  | 'accesses'
  | 'accessLog'
  | 'notices'
  | 'people'
  | 'sessions'
  | 'challenges'
  | 'signInProviders';

/**
 * Fields of a tenant that may name a person, sealed under its account key; base64 in documents. Throws a
 * `TenantUnavailable`.
 */
export interface EncryptedFields {
  seal(tenant: string, fieldPath: FieldPath, text: string): Promise<string>;
  open(tenant: string, fieldPath: FieldPath, sealed: string): Promise<string>;
  indexKey(tenant: string): Promise<KeyObject>;
}

const keyId = 'account';

export function createEncryptedFields(access: Pick<Tenants, 'run'>): EncryptedFields {
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
