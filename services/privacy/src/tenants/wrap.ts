import { CodedError } from '@mysmtp/contracts';
import { open, seal } from '@mysmtp/seal';
import type { Root } from '../keyring/roots.ts';

/** A tenant lies under a root that is gone: an order of events that must never happen. */
export class LostKeyError extends CodedError {
  constructor() {
    super('tenant_key_lost', 'A tenant lies under a root that is gone');
    this.name = 'LostKeyError';
  }
}

/** A tenant's master key under the root of an epoch. */
export function wrap(master: Buffer, tenant: string, epoch: Root): string {
  const context = { tenant, keyId: epoch.id, record: `tenant:${tenant}` };
  return seal(epoch.secret, context, master).toString('base64');
}

/**
 * Throws a `SealError` with any other root than the one it lies under. The caller fills the octets
 * with zeros after use.
 */
export function unwrap(wrapped: string, tenant: string, epoch: Root): Buffer {
  const context = { tenant, record: `tenant:${tenant}` };
  return open(epoch.secret, context, Buffer.from(wrapped, 'base64'));
}
