import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import type { KeyId } from '@mysmtp/contracts';

/** Octets of a root, of a tenant's master key and of every key made of them. */
export const secretLength = 32;

/**
 * A key of a tenant (HKDF-SHA-256, RFC 5869), never stored: `account` and `index` come from the
 * tenant's master key alone, a day's key from it *and* the root of that purpose and day. Both have
 * fixed lengths, so one after the other is unambiguous; without either nothing can be derived. The
 * octets of both stay in memory for the derivation alone; those of the key are the caller's to clear.
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
 * Tells a root from another one without telling anything about it: what the database keeps to know
 * whether the vault still has the root that its data was made with.
 */
export function checkOf(root: Buffer): string {
  return createHmac('sha256', root).update('mysmtp root check 1').digest('base64url');
}
