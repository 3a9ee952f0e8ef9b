import { createHash } from 'node:crypto';

/**
 * Stands in a certificate of erasure in place of the tenant's id: SHA-256, base64url, of the nonce, a
 * space and the id. The nonce contains no space. Without the nonce the commitment does not reveal the
 * tenant.
 */
export function commitmentOf(nonce: string, tenant: string): string {
  return createHash('sha256').update(`${nonce} ${tenant}`).digest('base64url');
}
