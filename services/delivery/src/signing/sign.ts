import { sign as signOctets, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: KeyObject;
}

/**
 * Fields that are signed if present (RFC 6376 5.4.1): author, recipients, subject, threading, and the
 * interpretation of the content. Received and Return-Path are not signed, because they change on the way.
 */
const signedFields = [
  'from',
  'reply-to',
  'sender',
  'subject',
  'date',
  'message-id',
  'to',
  'cc',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'content-id',
  'content-description',
  'resent-date',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-message-id',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
] as const;
const wanted: ReadonlySet<string> = new Set(signedFields);

/** On the thread pool: an RSA signature costs more than all other work for a message. */
const signAsync = promisify(signOctets);

/**
 * The DKIM-Signature field (RFC 6376) of a message, with its line end: rsa-sha256, relaxed/relaxed,
 * over the body hash. From is signed once more than it is present ("oversigned", RFC 6376 8.15), so that no
 * second From field can be added.
 */
export async function dkimSignature(
  message: { readonly header: string; readonly bodyHash: string; readonly at: number },
  key: SigningKey,
): Promise<string> {
  const fields = canonicalFields(message.header, wanted);
  // Fields with the same name are signed from the last one upwards (RFC 6376 5.4.2).
  fields.reverse();
  const names = [...fields.map(({ name }) => name), 'from'];
  const tags = [
    'v=1; a=rsa-sha256; c=relaxed/relaxed;',
    `d=${key.domain}; s=${key.selector};`,
    `t=${String(Math.floor(message.at / 1_000))};`,
    foldList('h=', names, ':') + ';',
    `bh=${message.bodyHash};`,
    'b=',
  ].join('\r\n\t');
  const input =
    fields.map(({ canonical }) => `${canonical}\r\n`).join('') +
    `dkim-signature:${canonicalValue(tags)}`;
  const signature = await signAsync('sha256', Buffer.from(input, 'latin1'), key.privateKey);
  return `DKIM-Signature: ${tags}${foldEvery(signature.toString('base64'), 72)}\r\n`;
}

/** Lines of at most 78 characters (RFC 5322 2.1.1). A list may be folded around any colon. */
function foldList(start: string, names: readonly string[], separator: string): string {
  let text = start;
  let line = start.length;
  names.forEach((name, position) => {
    const part = position === names.length - 1 ? name : name + separator;
    if (line + part.length > 70) {
      text += '\r\n\t ';
      line = 0;
    }
    text += part;
    line += part.length;
  });
  return text;
}

function foldEvery(text: string, width: number): string {
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += width) lines.push(text.slice(at, at + width));
  return lines.join('\r\n\t');
}

/**
 * Header canonicalization "relaxed" (RFC 6376 3.4.2) over octets as latin1, which keeps every
 * octet unchanged, in the order of the header section.
 */
interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** `name:value`, canonical, without a line end. */
  readonly canonical: string;
}

/** The fields of a header section whose names are in `wanted`. */
function canonicalFields(header: string, wanted: ReadonlySet<string>): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const raw of header.split(/\r\n(?![ \t])/)) {
    const colon = raw.indexOf(':');
    if (colon === -1) continue;
    // The wanted names are ASCII, so a changed non-ASCII octet cannot match one of them.
    const name = raw.slice(0, colon).trimEnd().toLowerCase();
    if (!wanted.has(name)) continue;
    fields.push({ name, canonical: `${name}:${canonicalValue(raw.slice(colon + 1))}` });
  }
  return fields;
}

const notCanonical = /[\t\r]| {2}/;

/** Unfolds, reduces every run of white space to one space, and trims both ends. */
function canonicalValue(value: string): string {
  const text = notCanonical.test(value)
    ? value.replaceAll('\r\n', '').replaceAll(/[ \t]+/g, ' ')
    : value;
  // Not trim(): octet A0 is white space to JavaScript.
  return text.slice(text.startsWith(' ') ? 1 : 0, text.endsWith(' ') ? -1 : undefined);
}
