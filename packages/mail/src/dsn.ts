import { isAscii as isAsciiOctets } from 'node:buffer';
import { isAscii } from './address.ts';
import { mailDate } from './date.ts';

/** What is reported of one recipient (RFC 3464 2.3). */
export interface DsnRecipient {
  readonly address: string;
  readonly action: 'failed' | 'delayed';
  /** Enhanced code (RFC 3463). */
  readonly status: string;
  /** The server that answered, where one did. */
  readonly remoteMta?: string;
  /** Its reply as it came, or our own reason. */
  readonly diagnostic?: string;
  /** Milliseconds since the epoch. */
  readonly lastAttemptAt?: number;
}

export interface DsnOptions {
  /** Makes `Message-ID` and the boundary: the same report for the same id. */
  readonly id: string;
  /** Our name: `Reporting-MTA` and the right side of `Message-ID`. */
  readonly reportingMta: string;
  /** Author of the report. */
  readonly postmaster: string;
  /** The reverse-path of the message it is about. */
  readonly to: string;
  readonly date: number;
  readonly arrivalDate: number;
  readonly recipients: readonly DsnRecipient[];
  /** Header block of the message it is about; its body is not sent back. */
  readonly originalHeader: Buffer;
}

export interface Dsn {
  readonly message: Buffer;
  /** True where it has non-ASCII in its header or parts and so needs SMTPUTF8 (RFC 6533). */
  readonly smtputf8: boolean;
}

const originalHeaderLimit = 32 * 1024;

/** A delivery status notification (RFC 3464) as multipart/report (RFC 6522). */
export function buildDsn(options: DsnOptions): Dsn {
  const { id, recipients } = options;
  const original = shortened(options.originalHeader);
  const addresses = [options.to, ...recipients.map((recipient) => recipient.address)];
  const smtputf8 = !addresses.every(isAscii) || !isAsciiOctets(original);
  const boundary = `=_${id}`;
  const delayed = recipients.every((recipient) => recipient.action === 'delayed');
  const part = (type: string, content: string) =>
    `--${boundary}\r\nContent-Type: ${type}\r\n${smtputf8 ? eightBit : ''}\r\n${content}\r\n`;

  const head = [
    `Date: ${mailDate(options.date)}`,
    `From: Mail delivery system <${options.postmaster}>`,
    `To: <${options.to}>`,
    `Subject: ${delayed ? 'Delayed' : 'Undelivered'} mail returned to sender`,
    `Message-ID: <${id}@${options.reportingMta}>`,
    // Nothing may answer a report automatically (RFC 3834 5).
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    ` boundary="${boundary}"`,
    ...(smtputf8 ? [eightBit.trimEnd()] : []),
    '',
    '',
  ].join('\r\n');
  const parts = [
    part(`text/plain; charset=utf-8`, explanation(options, delayed)),
    part(
      // RFC 6533 3: the same report where addresses may have UTF-8.
      smtputf8 ? 'message/global-delivery-status' : 'message/delivery-status',
      deliveryStatus(options, smtputf8),
    ),
  ].join('');
  const originalPart = part(smtputf8 ? 'message/global-headers' : 'text/rfc822-headers', '');
  const message = Buffer.concat([
    Buffer.from(head + parts + originalPart.slice(0, -2)),
    original,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { message, smtputf8 };
}

const eightBit = 'Content-Transfer-Encoding: 8bit\r\n';

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
  const lines = recipients.flatMap(({ address, status, diagnostic }) => [
    `<${address}>: ${status}`,
    ...(diagnostic === undefined ? [] : wrapped(`    ${oneLine(diagnostic)}`)),
    '',
  ]);
  return [`This is the mail system at ${reportingMta}.`, '', ...opening, '', ...lines].join('\r\n');
}

function deliveryStatus(options: DsnOptions, smtputf8: boolean): string {
  const { reportingMta, arrivalDate, recipients } = options;
  const addressType = (address: string) => (smtputf8 && !isAscii(address) ? 'utf-8' : 'rfc822');
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
    ...(recipient.diagnostic === undefined
      ? []
      : wrapped(`Diagnostic-Code: smtp; ${oneLine(recipient.diagnostic)}`)),
    ...(recipient.lastAttemptAt === undefined
      ? []
      : [`Last-Attempt-Date: ${mailDate(recipient.lastAttemptAt)}`]),
    '',
  ]);
  return [...perMessage, ...perRecipient].join('\r\n');
}

/** A remote server's words must not become fields or parts of ours. */
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
    // A word without an end is cut all the same: no line may be longer than 998 octets.
    for (; line.length > 900; line = `    ${line.slice(900)}`) lines.push(line.slice(0, 900));
  }
  return [...lines, line];
}

/** Whole fields only, from the top. */
function shortened(header: Buffer): Buffer {
  if (header.length <= originalHeaderLimit) return header;
  let end = header.lastIndexOf('\r\n', originalHeaderLimit);
  while (end > 0 && (header[end + 2] === 0x20 || header[end + 2] === 0x09)) {
    end = header.lastIndexOf('\r\n', end - 1);
  }
  return header.subarray(0, end === -1 ? 0 : end + 2);
}
