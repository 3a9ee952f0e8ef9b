import { isAscii, isUtf8 } from 'node:buffer';
import { mostTags, Tag } from '@mysmtp/contracts';
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
  withAsciiDomain,
  withoutRepeats,
  writtenField,
  type HeaderField,
  type Reply,
} from '@mysmtp/mail';
import type { FoundDomain, SenderDomain } from '../domains/sender-domains.ts';

/** A header in the form that is passed on. */
export interface PreparedHeader {
  /** Includes the empty line at the end. */
  readonly octets: Buffer;
  readonly messageId: string;
  /** Of the field `X-MySMTP-Tag`, without repetitions. */
  readonly tags: readonly string[];
  /** Domain of the first author. It signs the message, if the message is signed. */
  readonly domain: SenderDomain;
  /** True if the header needs SMTPUTF8 (RFC 6531 3.4, RFC 6532). */
  readonly isUtf8: boolean;
}

export interface HeaderContext {
  readonly id: string;
  readonly at: number;
  readonly smtpName: string;
  readonly protocol: string;
  /** Whether the client requested SMTPUTF8. */
  readonly smtputf8: boolean;
  readonly findDomain: (domain: string) => FoundDomain;
  /** Whether the sender may use this address; its domain is in A-label form. */
  readonly admitsAuthor: (address: string) => boolean;
  /**
   * The URL by which the only recipient objects to mail of this tenant with one click; `undefined` if the
   * message has several recipients, or this installation has no such URL.
   */
  readonly unsubscribeUrl: () => string | undefined;
}

/** How many servers a message may have passed before it counts as looping (RFC 5321 6.3). */
const receivedLimit = 50;

/** The Message-ID in the usage log is cut at the longest line. */
const messageIdLimit = 998;

/** The field by which a client requests the fields of one-click unsubscribe (RFC 8058). */
const unsubscribeField = 'x-mysmtp-unsubscribe';

/** The field in which a client gives the tags of a message. */
const tagField = 'x-mysmtp-tag';

/**
 * Fields that are removed: `Bcc` must not reach the recipients (RFC 5322 3.6.3), only the final server writes
 * `Return-Path` (RFC 5321 4.4), and what is for us alone.
 */
const dropped: ReadonlySet<string> = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  tagField,
  unsubscribeField,
]);

/**
 * Checks a header and returns the one that is passed on, or a reply if the message is refused. Repairable
 * errors are repaired, and contradictory headers are refused (docs/decisions/lines-and-headers.md).
 */
export function prepareHeader(header: Buffer, context: HeaderContext): PreparedHeader | Reply {
  const given = headerFields(header);
  if (given === undefined) return replies.headerMalformed;
  if (countReceived(given) > receivedLimit) return replies.loop;
  const fields = withoutRepeats(given);
  if (fields === undefined) return replies.headerTwice;
  const isPlain = isAscii(header);
  const domain = authorsDomain(fields, isPlain, context);
  if ('code' in domain) return domain;
  const tags = tagsOf(fields);
  if (tags === undefined) return replies.tagsInvalid;
  const unsubscribe = unsubscribeFields(fields, domain, context);
  if (typeof unsubscribe === 'object') return unsubscribe;

  // The customer's signature covers the fields unchanged.
  const isSigned = domain.signing === 'customer' && fields.some(isSignature);
  const write = isPlain || isSigned ? writtenField : asciiField;
  const text = [received(context)];
  let messageId = '';
  let date = '';
  for (const field of fields) {
    if (dropped.has(field.name)) continue;
    // An empty field counts as missing.
    if (field.name === 'date' && (date = fieldValue(field)) === '') continue;
    if (field.name === 'message-id' && (messageId = fieldValue(field)) === '') continue;
    let written = write(field);
    if (written === replies.headerNeedsSmtputf8) written = writtenField(field);
    if (typeof written === 'object') return written;
    if (hasLongLine(written)) return replies.headerLineTooLong;
    text.push(written);
  }
  // RFC 6409 8.2, 8.3: missing fields are added, present fields stay.
  const { id, at, smtpName, smtputf8 } = context;
  if (date === '') text.push(`Date: ${mailDate(at)}\r\n`);
  if (messageId === '') text.push(`Message-ID: ${(messageId = `<${id}@${smtpName}>`)}\r\n`);
  text.push(unsubscribe, '\r\n');
  const octets = Buffer.from(text.join(''), 'latin1');
  const needsUtf8 = !isPlain && !isAscii(octets);
  if (needsUtf8 && !(smtputf8 && isUtf8(octets))) {
    return isSigned ? replies.signedHeaderNotAscii : replies.headerNeedsSmtputf8;
  }
  return { octets, messageId: messageId.slice(0, messageIdLimit), tags, domain, isUtf8: needsUtf8 };
}

/** The tags in one or more fields, separated by commas; `undefined` if one is invalid or there are too many. */
function tagsOf(fields: readonly HeaderField[]): string[] | undefined {
  const words = fields.flatMap((field) =>
    field.name === tagField ? fieldValue(field).split(',') : [],
  );
  const tags = [...new Set(words.map((word) => word.trim()))];
  const isValid = tags.length <= mostTags && tags.every((tag) => Tag.safeParse(tag).success);
  return isValid ? tags : undefined;
}

/**
 * The fields of one-click unsubscribe (RFC 8058 3.1), if the client requests them; our signature must cover
 * them. Without the request the text is empty.
 */
function unsubscribeFields(
  fields: readonly HeaderField[],
  { signing }: SenderDomain,
  { unsubscribeUrl }: Pick<HeaderContext, 'unsubscribeUrl'>,
): string | Reply {
  const asked = fields.filter(({ name }) => name === unsubscribeField);
  if (asked.length === 0) return '';
  const isOneClick = asked.every((field) => fieldValue(field).toLowerCase() === 'one-click');
  const hasOwn = fields.some(({ name }) => name.startsWith('list-unsubscribe'));
  const url = isOneClick && !hasOwn && signing === 'ours' ? unsubscribeUrl() : undefined;
  if (url === undefined) return replies.unsubscribeInvalid;
  return `List-Unsubscribe: <${url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`;
}

const isSignature = ({ name }: HeaderField): boolean => name === 'dkim-signature';

/** Trace information (RFC 5321 4.4) without the client's name and address, for the sender's privacy. */
function received({ id, at, smtpName, protocol }: HeaderContext): string {
  return `Received: by ${smtpName} with ${protocol} id ${id};\r\n\t${mailDate(at)}\r\n`;
}

/**
 * Requires exactly one `From:`, with only addresses of the tenant's own domains (RFC 6409 6.1). It is parsed
 * in the form that receivers get, with encoded names.
 */
function authorsDomain(
  fields: readonly HeaderField[],
  isPlain: boolean,
  { findDomain, admitsAuthor }: Pick<HeaderContext, 'findDomain' | 'admitsAuthor'>,
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
  if (first === 'unverified' || domains?.includes('unverified')) return replies.fromNotVerified;
  const admitted = addresses?.every((address) => {
    const author = withAsciiDomain(address);
    return author !== undefined && admitsAuthor(author);
  });
  if (admitted !== true) return replies.fromNotPinned;
  return first;
}
