import { hash, sign as signOctets, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  /** RSA or Ed25519. */
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
 * One DKIM-Signature field (RFC 6376) for each key, in the order of the keys, with its line end: rsa-sha256 or
 * ed25519-sha256 (RFC 8463), relaxed/relaxed, over the body hash. From is signed once more than it is present
 * ("oversigned", RFC 6376 8.15), so that no second From field can be added.
 */
export async function dkimSignatures(
  message: { readonly header: string; readonly bodyHash: string; readonly at: number },
  keys: readonly SigningKey[],
): Promise<string> {
  const fields = canonicalFields(message.header, wanted);
  // Fields with the same name are signed from the last one upwards (RFC 6376 5.4.2).
  fields.reverse();
  const names = foldList('h=', [...fields.map(({ name }) => name), 'from'], ':');
  const signed = fields.map(({ canonical }) => `${canonical}\r\n`).join('');
  const made = keys.map(async ({ domain, selector, privateKey }) => {
    const isEd25519 = privateKey.asymmetricKeyType === 'ed25519';
    const tags = [
      `v=1; a=${isEd25519 ? 'ed25519' : 'rsa'}-sha256; c=relaxed/relaxed;`,
      `d=${domain}; s=${selector};`,
      `t=${String(Math.floor(message.at / 1_000))};`,
      `${names};`,
      `bh=${message.bodyHash};`,
      'b=',
    ].join('\r\n\t');
    const input = Buffer.from(`${signed}dkim-signature:${canonicalValue(tags)}`, 'latin1');
    // Ed25519 signs the hash (RFC 8463 3). It takes less time than the way to the thread pool and back.
    const signature = isEd25519
      ? signOctets(null, hash('sha256', input, 'buffer'), privateKey)
      : await signAsync('sha256', input, privateKey);
    return `DKIM-Signature: ${tags}${foldEvery(signature.toString('base64'), 72)}\r\n`;
  });
  return (await Promise.all(made)).join('');
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
