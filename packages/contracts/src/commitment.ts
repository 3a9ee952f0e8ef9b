import { createHash } from 'node:crypto';
import { domainToASCII } from 'node:url';

/**
 * Stands in a certificate of erasure in place of the tenant's id, or of the address of a person: SHA-256,
 * base64url, of the nonce, a space and that text. The nonce contains no space. Without the nonce the
 * commitment does not reveal the subject.
 */
export function commitmentOf(nonce: string, text: string): string {
  return createHash('sha256').update(`${nonce} ${text}`).digest('base64url');
}

/**
 * The form of an address in a commitment: the local part unchanged, because only its receiver interprets it
 * (RFC 5321 2.4), and the domain in lower case as A-labels (RFC 5890).
 */
export function commitmentForm(address: string): string {
  const at = address.lastIndexOf('@');
  if (at === -1) return address;
  const domain = address.slice(at + 1);
  return `${address.slice(0, at + 1)}${domainToASCII(domain) || domain.toLowerCase()}`;
}
