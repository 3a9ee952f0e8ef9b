import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { KeyId } from '@mysmtp/contracts';

/** Octets of a root, of a tenant's master key and of every derived key. */
export const secretLength = 32;

/**
 * Derives a key of a tenant (HKDF-SHA-256, RFC 5869). Derived keys are never stored. `account` and
 * `index` are derived from the tenant's master key alone, a day's key from the master key *and* the root
 * of that purpose and day. Both have fixed lengths, so their concatenation is unambiguous. Without either
 * nothing can be derived. Their octets are in memory during the derivation only; the caller clears those
 * of the result.
 */
export function deriveKey(tenant: string, id: KeyId, master: Buffer, dayRoot?: KeyObject): Buffer {
  const info = `${id}\0${tenant}`;
  const root = dayRoot?.export() ?? Buffer.alloc(0);
  const secret = Buffer.concat([master, root]);
  root.fill(0);
  try {
    return Buffer.from(hkdfSync('sha256', secret, 'mysmtp keyring 1', info, secretLength));
  } finally {
    secret.fill(0);
  }
}

/**
 * The check value of a root. It identifies the root and reveals nothing about it. The database stores it
 * to check that the vault still has the root that its data was made with.
 */
export function checkOf(root: Buffer): string {
  return createHmac('sha256', root).update('mysmtp root check 1').digest('base64url');
}
