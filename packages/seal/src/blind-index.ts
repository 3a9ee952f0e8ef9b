import { createHmac, type KeyObject } from 'node:crypto';

/**
 * A blind index: finds a sealed value without opening it. HMAC-SHA-256 (RFC 2104), so that addresses can be
 * tried against it only with the tenant's index key.
 */
export function blindIndex(indexKey: KeyObject, text: string): string {
  return createHmac('sha256', indexKey).update(text).digest('base64url');
}

/**
 * Index of an address: the local part unchanged (it may be case-sensitive, RFC 5321 2.4), the domain
 * lower-cased, in the A-label form in which it is given. No other normalisation.
 */
export function addressIndex(indexKey: KeyObject, address: string): string {
  const at = address.lastIndexOf('@');
  const domain = at === -1 ? '' : address.slice(at).toLowerCase();
  const localPart = at === -1 ? address : address.slice(0, at);
  return blindIndex(indexKey, `address:${localPart}${domain}`);
}

/** Index of a tag of a message. */
export function tagIndex(indexKey: KeyObject, tag: string): string {
  return blindIndex(indexKey, `tag:${tag}`);
}

/** Index of a domain. It never equals the index of an address. */
export function domainIndex(indexKey: KeyObject, domain: string): string {
  return blindIndex(indexKey, `domain:${domain.toLowerCase()}`);
}
