import { isAscii, isUtf8 } from 'node:buffer';
import {
  asciiField,
  countReceived,
  domainOf,
  fieldValue,
  fromAddresses,
  hasLongLine,
  headerFields,
  mailDate,
  replies,
  withoutRepeats,
  writtenField,
  type HeaderField,
  type Reply,
} from '@mysmtp/mail';
import type { SenderDomain } from '../domains/sender-domains.ts';

/** A header as it is passed on. */
export interface PreparedHeader {
  /** With the empty line that ends it. */
  readonly octets: Buffer;
  readonly messageId: string;
  /** Domain of the first author: whose signature it gets, if it gets one. */
  readonly domain: SenderDomain;
  /** Has what only SMTPUTF8 can carry (RFC 6531 3.4, RFC 6532). */
  readonly isUtf8: boolean;
}

export interface HeaderContext {
  readonly id: string;
  readonly at: number;
  readonly smtpName: string;
  readonly protocol: string;
  /** Whether the client has asked for SMTPUTF8. */
  readonly smtputf8: boolean;
  readonly findDomain: (domain: string) => SenderDomain | undefined;
}

/** How many servers a message may have passed before it counts as looping (RFC 5321 6.3). */
const receivedLimit = 50;

/** A Message-ID is kept for the usage log; one that is longer than a line is not one. */
const messageIdLimit = 998;

/**
 * Fields that end here: `Bcc` must not reach the recipients (RFC 5322 3.6.3), `Return-Path` is the
 * last server's to write (RFC 5321 4.4).
 */
const dropped: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'return-path']);

/**
 * Checks a header and makes the one that is passed on; a reply if the message is refused. What can be
 * mended is mended, what contradicts itself is refused (docs/decisions/lines-and-headers.md).
 */
export function prepareHeader(header: Buffer, context: HeaderContext): PreparedHeader | Reply {
  const given = headerFields(header);
  if (given === undefined) return replies.headerMalformed;
  if (countReceived(given) > receivedLimit) return replies.loop;
  const fields = withoutRepeats(given);
  if (fields === undefined) return replies.headerTwice;
  const isPlain = isAscii(header);
  const domain = authorsDomain(fields, isPlain, context.findDomain);
  if ('code' in domain) return domain;

  // A signature that is not ours to make covers the fields as they are.
  const isSigned = domain.signing === 'customer' && fields.some(isSignature);
  const write = isPlain || isSigned ? writtenField : asciiField;
  const text = [received(context)];
  let messageId = '';
  let date = '';
  for (const field of fields) {
    if (dropped.has(field.name)) continue;
    // An empty one is as good as none.
    if (field.name === 'date' && (date = fieldValue(field)) === '') continue;
    if (field.name === 'message-id' && (messageId = fieldValue(field)) === '') continue;
    let written = write(field);
    if (written === replies.headerNeedsSmtputf8) written = writtenField(field);
    if (typeof written === 'object') return written;
    if (hasLongLine(written)) return replies.headerLineTooLong;
    text.push(written);
  }
  // RFC 6409 8.2, 8.3: what is missing is added; what is there stays.
  const { id, at, smtpName, smtputf8 } = context;
  if (date === '') text.push(`Date: ${mailDate(at)}\r\n`);
  if (messageId === '') text.push(`Message-ID: ${(messageId = `<${id}@${smtpName}>`)}\r\n`);
  text.push('\r\n');
  const octets = Buffer.from(text.join(''), 'latin1');
  const needsUtf8 = !isPlain && !isAscii(octets);
  if (needsUtf8 && !(smtputf8 && isUtf8(octets))) {
    return isSigned ? replies.signedHeaderNotAscii : replies.headerNeedsSmtputf8;
  }
  return { octets, messageId: messageId.slice(0, messageIdLimit), domain, isUtf8: needsUtf8 };
}

const isSignature = ({ name }: HeaderField): boolean => name === 'dkim-signature';

/**
 * Trace information (RFC 5321 4.4) without the client's name and address: who the sender is, is the
 * recipient's to know, where the sender was is not.
 */
function received({ id, at, smtpName, protocol }: HeaderContext): string {
  return `Received: by ${smtpName} with ${protocol} id ${id};\r\n\t${mailDate(at)}\r\n`;
}

/**
 * `From:` exactly once, and every address in it of the tenant's own domains (RFC 6409 6.1). It is read
 * as receivers will read it: with its names encoded.
 */
function authorsDomain(
  fields: readonly HeaderField[],
  isPlain: boolean,
  findDomain: HeaderContext['findDomain'],
): SenderDomain | Reply {
  const from = fields.filter((field) => field.name === 'from');
  const [field] = from;
  if (field === undefined || from.length > 1) return replies.fromNotSingle;
  const ascii = isPlain ? field.raw : asciiField(field);
  const raw = typeof ascii === 'string' ? ascii : field.raw;
  const addresses = fromAddresses(fieldValue({ name: field.name, raw }));
  const domains = addresses?.map((address) => findDomain(domainOf(address)));
  const [first] = domains ?? [];
  if (first === undefined || domains?.includes(undefined)) return replies.fromNotAllowed;
  return first;
}
