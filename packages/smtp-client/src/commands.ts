import type { Capabilities } from './capabilities.ts';
import { ownFailure, type Failure } from './failure.ts';
import { utf8Xtext, xtext } from './xtext.ts';

export interface Envelope {
  /** Empty for the null reverse-path (RFC 5321 4.5.5). */
  readonly reversePath: string;
  readonly recipients: readonly Recipient[];
  /** Octets of the message before dot-stuffing. */
  readonly size: number;
  /** The header or an address needs SMTPUTF8 (RFC 6531 3.4). */
  readonly smtpUtf8: boolean;
  /** The message has octets above 127. */
  readonly eightBit: boolean;
  /** RFC 8689: refused unless the server has a valid certificate and offers REQUIRETLS over TLS. */
  readonly requireTls?: boolean;
  /** RFC 3461: sent if the server offers DSN. The envelope id is decoded: printable ASCII and spaces. */
  readonly dsn?: { readonly ret?: 'FULL' | 'HDRS'; readonly envelopeId?: string };
}

export interface Recipient {
  readonly address: string;
  /** RFC 3461: sent if the server offers DSN. */
  readonly notify?: readonly ('SUCCESS' | 'FAILURE' | 'DELAY')[] | 'NEVER';
  /** RFC 3461 ORCPT, sent if the server offers DSN. */
  readonly originalRecipient?: OriginalRecipient;
}

/** The original recipient, before any forwarding. */
export interface OriginalRecipient {
  /** `rfc822`, `utf-8` (RFC 6533), or another that IANA lists. */
  readonly type: string;
  /** Decoded. */
  readonly address: string;
}

/**
 * A path is the text between the brackets. An address must not contain a bracket, although RFC 5321 allows
 * one in a quoted local part: a server that looks for the first bracket would read another address.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const unspeakable = /[<>\u0000-\u001f\u007f]/;

export const canBePath = (address: string): boolean => !unspeakable.test(address);

// oxlint-disable-next-line no-control-regex -- all of ASCII
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

const needsUtf8 = ({ smtpUtf8, reversePath, recipients }: Envelope): boolean =>
  smtpUtf8 || !isAscii(reversePath) || !recipients.every(({ address }) => isAscii(address));

/**
 * The reason why the server cannot accept the message at all, found before anything is sent.
 * `isAuthenticated`: the session has TLS with a valid certificate.
 */
export function unsendable(
  envelope: Envelope,
  offered: Capabilities,
  isAuthenticated: boolean,
): Failure | undefined {
  if (!canBePath(envelope.reversePath)) return ownFailure('mail', 'bad_address');
  // RFC 6531 3.4, RFC 6152 3: a message that the next hop cannot carry is returned, never changed.
  if (needsUtf8(envelope) && !offered.smtpUtf8) return lacks('5.6.7', 'SMTPUTF8');
  if (envelope.eightBit && !offered.eightBitMime) return lacks('5.6.3', '8BITMIME');
  if (envelope.requireTls === true) {
    if (!offered.requireTls) return lacks('5.7.30', 'REQUIRETLS');
    // RFC 8689 4.2.1
    if (!isAuthenticated) return ownFailure('mail', 'not_offered', unauthenticated);
  }
  if (offered.maxSize !== null && envelope.size > offered.maxSize) {
    return ownFailure('mail', 'too_large');
  }
  return undefined;
}

const unauthenticated = {
  enhancedCode: '5.7.30',
  text: 'The server does not show a valid certificate, which this message needs',
};

const lacks = (enhancedCode: string, extension: string): Failure =>
  ownFailure('mail', 'not_offered', {
    enhancedCode,
    text: `The server does not support ${extension}, which this message needs`,
  });

export function mailCommand(envelope: Envelope, offered: Capabilities): string {
  const { dsn } = envelope;
  const parameters = [`MAIL FROM:<${envelope.reversePath}>`];
  if (offered.size) parameters.push(`SIZE=${String(envelope.size)}`);
  if (envelope.eightBit) parameters.push('BODY=8BITMIME');
  if (needsUtf8(envelope)) parameters.push('SMTPUTF8');
  if (envelope.requireTls === true) parameters.push('REQUIRETLS');
  if (offered.dsn && dsn !== undefined) {
    if (dsn.ret !== undefined) parameters.push(`RET=${dsn.ret}`);
    const id = dsn.envelopeId === undefined ? undefined : envelopeIdParameter(dsn.envelopeId);
    if (id !== undefined) parameters.push(`ENVID=${id}`);
  }
  return parameters.join(' ');
}

export function rcptCommand(recipient: Recipient, offered: Capabilities): string {
  const { address, notify, originalRecipient } = recipient;
  const parameters = [`RCPT TO:<${address}>`];
  if (offered.dsn) {
    if (notify !== undefined) parameters.push(`NOTIFY=${[notify].flat().join(',')}`);
    const original = originalRecipient && originalRecipientParameter(originalRecipient);
    if (original !== undefined) parameters.push(`ORCPT=${original}`);
  }
  return parameters.join(' ');
}

/** Undefined if it does not satisfy RFC 3461 4.4: printable ASCII, up to 100 characters encoded. */
function envelopeIdParameter(id: string): string | undefined {
  const encoded = xtext(id);
  return /^[ -~]+$/.test(id) && encoded.length <= 100 ? encoded : undefined;
}

/** Undefined if it does not satisfy RFC 3461 4.2 and RFC 6533 3: up to 500 characters encoded. */
function originalRecipientParameter({ type, address }: OriginalRecipient): string | undefined {
  const isUtf8 = type.toLowerCase() === 'utf-8';
  if (!/^[a-z\d-]+$/i.test(type) || address === '' || !(isUtf8 || isAscii(address)))
    return undefined;
  const parameter = `${type};${isUtf8 ? utf8Xtext(address) : xtext(address)}`;
  return parameter.length <= 500 ? parameter : undefined;
}
