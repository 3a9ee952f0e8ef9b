import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';

interface AttachmentEntry {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

export interface MailView {
  readonly returnPath: string;
  readonly deliveredTo: string;
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly date: string;
  readonly subject: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly hasHtml: boolean;
  readonly text: string | undefined;
  readonly attachments: readonly AttachmentEntry[];
}

/** Display limit of one part; the source is complete. */
const limits = { line: 1_000, headers: 500, headerValue: 8_000, text: 1024 * 1024, addresses: 20 };

export async function viewMail(raw: Buffer): Promise<MailView> {
  const email = await parse(raw);
  return {
    ...envelopeOf(raw),
    from: mailboxes(email.from),
    to: mailboxes(...(email.to ?? [])),
    cc: mailboxes(...(email.cc ?? [])),
    date: line(email.date),
    subject: line(email.subject),
    headers: email.headers.slice(0, limits.headers).map(({ originalKey, value }) => ({
      name: line(originalKey),
      value: isolated(value.slice(0, limits.headerValue)),
    })),
    hasHtml: email.html !== undefined,
    text: email.text?.slice(0, limits.text),
    attachments: email.attachments.map((attachment, index) => ({
      name: attachmentName(attachment, index),
      type: line(attachment.mimeType),
      size: contentOf(attachment).byteLength,
    })),
  };
}

export async function attachmentOf(
  raw: Buffer,
  index: number,
): Promise<{ readonly name: string; readonly content: Uint8Array } | undefined> {
  const attachment = (await parse(raw)).attachments[index];
  if (attachment === undefined) return undefined;
  return { name: attachmentName(attachment, index), content: contentOf(attachment) };
}

/** A nested mail is an attachment: its parts do not belong to the outer mail. */
export function parse(raw: Buffer): Promise<Email> {
  return PostalMime.parse(raw, { forceRfc822Attachments: true });
}

/** The two lines that the MX wrote above the mail. Later lines are not trusted. */
export function envelopeOf(raw: Buffer): { returnPath: string; deliveredTo: string } {
  const [first = '', second = ''] = raw.subarray(0, 4_096).toString('utf8').split('\r\n', 2);
  return {
    returnPath: line(first.replace(/^Return-Path: /, '')),
    deliveredTo: line(second.replace(/^Delivered-To: /, '')),
  };
}

function mailboxes(...addresses: readonly (Address | undefined)[]): string {
  const all = addresses
    .flatMap((address) => address?.group ?? address ?? [])
    .map(({ name, address }) => (name === '' ? address : `${name} <${address ?? ''}>`));
  const shown = all.slice(0, limits.addresses).join(', ');
  const others = all.length - limits.addresses;
  return line(others > 0 ? `${shown} and ${String(others)} more` : shown);
}

/** A safe file name for the browser's download folder: no path, not hidden. */
function attachmentName({ filename }: Attachment, index: number): string {
  const name = line(filename ?? '')
    .replaceAll(/[/\\]/g, '_')
    .replace(/^\.+/, '');
  return name || `attachment-${String(index + 1)}`;
}

export function contentOf({ content }: Attachment): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}

/** One line of text that is safe to show anywhere. */
export function line(text: string | undefined): string {
  return isolated((text ?? '').slice(0, limits.line))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/**
 * Text without controls that change the display of adjacent text: a file name with a right-to-left override
 * can look like one of another type (Unicode TR 36).
 */
function isolated(text: string): string {
  return text.replaceAll(/[\u202A-\u202E\u2066-\u2069\u200E\u200F]|(?![\t\n\r])\p{Cc}/gu, '');
}
