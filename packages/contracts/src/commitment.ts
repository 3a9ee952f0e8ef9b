import { createHash } from 'node:crypto';

/**
 * What a certificate of erasure says instead of a tenant's id: SHA-256, base64url, of the nonce and the
 * id with a space between. Nobody without the nonce (which has no space in it) can tell whose it is.
 */
export function commitmentOf(nonce: string, tenant: string): string {
  return createHash('sha256').update(`${nonce} ${tenant}`).digest('base64url');
}
