import { isAscii as isAsciiOctets } from 'node:buffer';
import { isAscii } from './address.ts';
import { mailDate } from './date.ts';

/** The result for one recipient (RFC 3464 2.3). */
export interface DsnRecipient {
  readonly address: string;
  readonly action: 'failed' | 'delayed';
  /** Enhanced code (RFC 3463). */
  readonly status: string;
  /** The server that answered, if one did. */
  readonly remoteMta?: string;
  /** The unchanged reply of a server, its code included: the `Diagnostic-Code` of type `smtp`. */
  readonly reply?: string;
  /**
   * Our own words, for the reader only. A `Diagnostic-Code` is issued by the transport and is optional (RFC
   * 3464 2.3.6); no registered type fits a sentence.
   */
  readonly reason?: string;
  /** Milliseconds since the epoch. */
  readonly lastAttemptAt?: number;
}

export interface DsnOptions {
  /** Determines `Message-ID` and the boundary: the same DSN for the same id. */
  readonly id: string;
  /** Our name: `Reporting-MTA` and the right side of `Message-ID`. */
  readonly reportingMta: string;
  /** Author of the DSN. */
  readonly postmaster: string;
  /** The reverse-path of the original message. */
  readonly to: string;
  readonly date: number;
  readonly arrivalDate: number;
  readonly recipients: readonly DsnRecipient[];
  /** Header block of the original message. Its body is not returned. */
  readonly originalHeader: Buffer;
}

export interface Dsn {
  readonly message: Buffer;
  /** True if the recipient's address contains non-ASCII (RFC 6531 3.2). */
  readonly smtputf8: boolean;
}

const originalHeaderLimit = 32 * 1024;

/**
 * A delivery status notification (RFC 3464) as multipart/report (RFC 6522). UTF-8 in its content is encoded,
 * so that it reaches any reader. It needs SMTPUTF8 only if its recipient's address does.
 */
export function buildDsn(options: DsnOptions): Dsn {
  const { id, recipients } = options;
  const smtputf8 = !isAscii(options.to);
  const boundary = `=_${id}`;
  const delayed = recipients.every((recipient) => recipient.action === 'delayed');
  const part = (content: Buffer, type: string, globalType: string): Buffer => {
    if (isAsciiOctets(content)) return partOf(boundary, [type], content);
    return smtputf8
      ? partOf(boundary, [globalType, eightBit], content)
      : partOf(boundary, [globalType, base64], base64Lines(content));
  };

  const head = [
    `Date: ${mailDate(options.date)}`,
    `From: Mail delivery system <${options.postmaster}>`,
    `To: <${options.to}>`,
    `Subject: ${delayed ? 'Delayed' : 'Undelivered'} mail returned to sender`,
    `Message-ID: <${id}@${options.reportingMta}>`,
    // No automatic reply may be sent to a DSN (RFC 3834 5).
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    ` boundary="${boundary}"`,
    ...(smtputf8 ? [eightBit] : []),
    '',
    '',
  ].join('\r\n');
  const text = Buffer.from(explanation(options, delayed));
  const status = Buffer.from(deliveryStatus(options));
  const message = Buffer.concat([
    Buffer.from(head),
    part(text, 'text/plain; charset=utf-8', 'text/plain; charset=utf-8'),
    // RFC 6533 3 and 4: the types of the same parts with UTF-8, which may be sent encoded.
    part(status, 'message/delivery-status', 'message/global-delivery-status'),
    part(shortened(options.originalHeader), 'text/rfc822-headers', 'message/global-headers'),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { message, smtputf8 };
}

const eightBit = 'Content-Transfer-Encoding: 8bit';
/** Subtypes of `message` may be encoded since RFC 6532 3.5. */
const base64 = 'Content-Transfer-Encoding: base64';

function partOf(boundary: string, [type, ...more]: readonly string[], content: Buffer): Buffer {
  const head = [`--${boundary}`, `Content-Type: ${type ?? ''}`, ...more, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')]);
}

/** RFC 2045 6.8: no line is longer than 76 characters. */
function base64Lines(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('base64').replaceAll(/.{76}(?=.)/g, '$&\r\n'));
}

function explanation({ recipients, reportingMta }: DsnOptions, delayed: boolean): string {
  const opening = delayed
    ? [
        'Your message could not be delivered yet to the recipients below.',
        'Delivery is tried again; there is nothing that you need to do.',
      ]
    : [
        'Your message could not be delivered to the recipients below.',
        'It will not be tried again.',
      ];
  const lines = recipients.flatMap(({ address, status, reason, reply }) => [
    `<${address}>: ${status}`,
    ...[reason, reply].flatMap((text) =>
      text === undefined ? [] : wrapped(`    ${oneLine(text)}`),
    ),
    '',
  ]);
  return [`This is the mail system at ${reportingMta}.`, '', ...opening, '', ...lines].join('\r\n');
}

function deliveryStatus(options: DsnOptions): string {
  const { reportingMta, arrivalDate, recipients } = options;
  const perMessage = [
    `Reporting-MTA: dns; ${reportingMta}`,
    `Arrival-Date: ${mailDate(arrivalDate)}`,
    '',
  ];
  const perRecipient = recipients.flatMap((recipient) => [
    `Final-Recipient: ${addressType(recipient.address)}; ${recipient.address}`,
    `Action: ${recipient.action}`,
    `Status: ${recipient.status}`,
    ...(recipient.remoteMta === undefined ? [] : [`Remote-MTA: dns; ${recipient.remoteMta}`]),
    ...(recipient.reply === undefined
      ? []
      : wrapped(`Diagnostic-Code: smtp; ${oneLine(recipient.reply)}`)),
    ...(recipient.lastAttemptAt === undefined
      ? []
      : [`Last-Attempt-Date: ${mailDate(recipient.lastAttemptAt)}`]),
    '',
  ]);
  return [...perMessage, ...perRecipient].join('\r\n');
}

/** RFC 3464 2.1.2, and RFC 6533 3 for addresses with UTF-8. */
const addressType = (address: string) => (isAscii(address) ? 'rfc822' : 'utf-8');

/** Removes line ends, so that a remote server's text cannot become a field or a part of ours. */
function oneLine(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim();
  return plain.length > 2_000 ? `${plain.slice(0, 2_000)} ...` : plain;
}

/** Folds at spaces below 78 characters (RFC 5322 2.1.1); continuation lines start with white space. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (line !== '' && line.length + word.length > 76) {
      lines.push(line);
      line = '   ';
    }
    line += word;
    // A word without an end is cut as well, because no line may be longer than 998 octets.
    for (; line.length > 900; line = `    ${line.slice(900)}`) lines.push(line.slice(0, 900));
  }
  return [...lines, line];
}

/** Whole fields only, from the first one. */
function shortened(header: Buffer): Buffer {
  if (header.length <= originalHeaderLimit) return header;
  let end = header.lastIndexOf('\r\n', originalHeaderLimit);
  while (end > 0 && (header[end + 2] === 0x20 || header[end + 2] === 0x09)) {
    end = header.lastIndexOf('\r\n', end - 1);
  }
  return header.subarray(0, end === -1 ? 0 : end + 2);
}
