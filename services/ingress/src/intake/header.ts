import {
  countReceived,
  domainOf,
  fieldValue,
  fromAddresses,
  headerFields,
  isAscii,
  mailDate,
  replies,
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
  /** Needs SMTPUTF8 on its way (RFC 6531 3.4, RFC 6532). */
  readonly isUtf8: boolean;
}

export interface HeaderContext {
  readonly id: string;
  readonly at: number;
  readonly smtpName: string;
  readonly protocol: string;
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

/** Checks a header and makes the one that is passed on; a reply where the message is refused. */
export function prepareHeader(header: Buffer, context: HeaderContext): PreparedHeader | Reply {
  const fields = headerFields(header);
  if (fields === undefined) return replies.headerMalformed;
  if (countReceived(fields) > receivedLimit) return replies.loop;
  const domain = authorsDomain(fields, context.findDomain);
  if ('code' in domain) return domain;

  const { id, at, smtpName } = context;
  const given = fields.find((field) => field.name === 'message-id');
  const messageId = given === undefined ? `<${id}@${smtpName}>` : fieldValue(given);
  const kept = fields.filter((field) => !dropped.has(field.name)).map((field) => field.raw);
  // RFC 6409 8.2, 8.3: what is missing is added; what is there stays.
  const added = [
    ...(fields.some((field) => field.name === 'date') ? [] : [`Date: ${mailDate(at)}\r\n`]),
    ...(given === undefined ? [`Message-ID: ${messageId}\r\n`] : []),
  ];
  const text = [received(context), ...kept, ...added, '\r\n'].join('');
  return {
    octets: Buffer.from(text, 'latin1'),
    messageId: messageId.slice(0, messageIdLimit),
    domain,
    isUtf8: !isAscii(text),
  };
}

/**
 * Trace information (RFC 5321 4.4) without the client's name and address: who the sender is, is the
 * recipient's to know, where the sender was is not.
 */
function received({ id, at, smtpName, protocol }: HeaderContext): string {
  return `Received: by ${smtpName} with ${protocol} id ${id};\r\n\t${mailDate(at)}\r\n`;
}

/** `From:` exactly once, and every address in it of the tenant's own domains (RFC 6409 6.1). */
function authorsDomain(
  fields: readonly HeaderField[],
  findDomain: HeaderContext['findDomain'],
): SenderDomain | Reply {
  const from = fields.filter((field) => field.name === 'from');
  const [field] = from;
  if (field === undefined || from.length > 1) return replies.fromNotSingle;
  const domains = fromAddresses(fieldValue(field))?.map((address) => findDomain(domainOf(address)));
  const [first] = domains ?? [];
  if (first === undefined || domains?.includes(undefined)) return replies.fromNotAllowed;
  return first;
}
