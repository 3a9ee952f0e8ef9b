import { CodedError } from '@mysmtp/contracts';
import { open, seal } from '@mysmtp/seal';
import type { Root } from '../keyring/roots.ts';

/** A tenant's key is wrapped under a destroyed root. The order of steps must make this impossible. */
export class LostKeyError extends CodedError {
  constructor() {
    super('tenant_key_lost', 'The key of a tenant is wrapped under a destroyed root');
    this.name = 'LostKeyError';
  }
}

/** A tenant's master key, wrapped under the root of an epoch. */
export function wrap(master: Buffer, tenant: string, epoch: Root): string {
  const context = { tenant, keyId: epoch.id, record: `tenant:${tenant}` };
  return seal(epoch.secret, context, master).toString('base64');
}

/**
 * Throws a `SealError` if this is not the root that wrapped it. The caller fills the octets with zeros
 * after use.
 */
export function unwrap(wrapped: string, tenant: string, epoch: Root): Buffer {
  const context = { tenant, record: `tenant:${tenant}` };
  return open(epoch.secret, context, Buffer.from(wrapped, 'base64'));
}
