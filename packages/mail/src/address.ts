import { domainToASCII } from 'node:url';
import { type Reply, replies } from './replies.ts';

export interface AddressParts {
  readonly localPart: string;
  readonly domain: string;
}

/**
 * Splits an address at its last `@` (RFC 5321 4.1.2): a quoted local part may contain others. The domain is
 * empty if there is none (`<postmaster>`, RFC 5321 4.5.1).
 */
export function splitAddress(address: string): AddressParts {
  const at = address.lastIndexOf('@');
  return at === -1
    ? { localPart: address, domain: '' }
    : { localPart: address.slice(0, at), domain: address.slice(at + 1) };
}

export function domainOf(address: string): string {
  return splitAddress(address).domain;
}

/**
 * A domain as A-labels (RFC 5890), lower-cased; `undefined` if it has no such form. An address literal (RFC
 * 5321 4.1.3) is unchanged.
 */
export function asciiDomain(domain: string): string | undefined {
  if (domain.startsWith('[') && domain.endsWith(']')) return domain;
  // `domainToASCII` parses the host of a URL. These characters would end it, or be decoded or dropped.
  if (!isAscii(domain) && /[/?#\\%\s]/.test(domain)) return undefined;
  const ascii = isAscii(domain) ? domain.toLowerCase() : domainToASCII(domain);
  // A non-empty domain may become empty: a soft hyphen alone is removed (UTS 46).
  return ascii.split('.').includes('') ? undefined : ascii;
}

/**
 * The same address with its domain as A-labels. The local part is unchanged, because only the receiver
 * interprets it.
 */
export function withAsciiDomain(address: string): string | undefined {
  const { localPart, domain } = splitAddress(address);
  if (domain === '') return address;
  if (isAscii(domain)) return address;
  const ascii = asciiDomain(domain);
  return ascii === undefined ? undefined : `${localPart}@${ascii}`;
}

export function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

/**
 * Controls (C0, DEL, C1), line separators, the replacement character for octets that were not UTF-8, and
 * unpaired surrogates, which become the replacement character on the wire.
 */
const forbidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFFFD]/u;

/** RFC 5321 4.5.3.1.1 to 4.5.3.1.3, and RFC 1035 for labels; octets, not characters. */
const limits = { localPart: 64, domain: 255, label: 63, address: 254 } as const;

/**
 * The error of an address from a client, or `undefined`. The SMTP library has parsed its syntax already. This
 * check refuses characters that would change an envelope or a header later.
 */
export function checkAddress(address: string): Reply | undefined {
  if (forbidden.test(address)) return replies.badAddress;
  const { localPart, domain } = splitAddress(address);
  if (domain === '') return replies.noDomain;
  if (Buffer.byteLength(localPart) > limits.localPart) return replies.localPartTooLong;
  if (Buffer.byteLength(address) > limits.address) return replies.addressTooLong;
  if (Buffer.byteLength(domain) > limits.domain) return replies.addressTooLong;
  if (!isLocalPart(localPart)) return replies.badAddress;
  if (domain.startsWith('[')) return undefined;
  if (domain.split('.').some((label) => Buffer.byteLength(label) > limits.label)) {
    return replies.addressTooLong;
  }
  return undefined;
}

/**
 * Dot-string or quoted-string (RFC 5321 4.1.2), with UTF-8 as atext and qtext (RFC 6531 3.3). Dots are
 * allowed anywhere, because providers have assigned mailboxes such as `a..b@` and `a.@`.
 */
function isLocalPart(text: string): boolean {
  return (
    /^[\w.!#$%&'*+/=?^`{|}~\u{80}-\u{10ffff}-]+$/u.test(text) ||
    /^"(?:[ !#-[\]-~\u{80}-\u{10ffff}]|\\[ -~])*"$/u.test(text)
  );
}
