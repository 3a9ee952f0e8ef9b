import { createHash } from 'node:crypto';

/**
 * Commits to a tenant without naming it: SHA-256 of nonce and tenant id, base64url. Whoever has the
 * nonce, which only the asker was given, can show whom a certificate is about; nobody else can try.
 */
export function commitmentOf(nonce: string, tenant: string): string {
  return createHash('sha256').update(`${nonce} ${tenant}`).digest('base64url');
}
