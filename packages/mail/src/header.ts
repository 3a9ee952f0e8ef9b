import { isUtf8 } from 'node:buffer';
import addressparser from 'nodemailer/lib/addressparser';
import { isAscii } from './address.ts';
import { decodeWords } from './encoded-words.ts';
import { endOfComment } from './structured.ts';

/** One header field (RFC 5322 2.2), unchanged, octet for octet. */
export interface HeaderField {
  /** Lower-cased. */
  readonly name: string;
  /** The whole field with its line ends, latin1: one character for each octet. */
  readonly raw: string;
}

/** Header block and body of a message; the empty line between them belongs to neither. */
export function splitHeaderBlock(message: Buffer): { header: Buffer; body: Buffer } {
  if (message.indexOf('\r\n') === 0) {
    return { header: message.subarray(0, 0), body: message.subarray(2) };
  }
  const end = message.indexOf('\r\n\r\n');
  if (end === -1) return { header: message, body: message.subarray(message.length) };
  return { header: message.subarray(0, end + 2), body: message.subarray(end + 4) };
}

/**
 * A field starts with ftext and a colon (RFC 5322 3.6.8). Blanks between them are obsolete (4.5) but occur.
 */
const fieldStart = /^([!-9;-~]+)[ \t]*:/;

/**
 * The fields of a header block in order, or `undefined` if a line is neither a field nor a continuation,
 * because readers would disagree on the end of such a header.
 */
export function headerFields(header: Buffer): HeaderField[] | undefined {
  const fields: HeaderField[] = [];
  const text = header.toString('latin1');
  for (let at = 0; at < text.length;) {
    let end = text.indexOf('\r\n', at);
    // A line that starts with white space continues the field before it (RFC 5322 2.2.3).
    while (end !== -1 && isWhiteSpace(text.charCodeAt(end + 2)))
      end = text.indexOf('\r\n', end + 2);
    const next = end === -1 ? text.length : end + 2;
    const raw = text.slice(at, next);
    const name = fieldStart.exec(raw)?.[1];
    if (name === undefined) return undefined;
    fields.push({ name: name.toLowerCase(), raw });
    at = next;
  }
  return fields;
}

const isWhiteSpace = (code: number) => code === 0x20 || code === 0x09;

/** The start of the value in the raw field. */
export const valueStart = ({ raw, name }: HeaderField): number => raw.indexOf(':', name.length) + 1;

/** A field's value, unfolded (RFC 5322 2.2.3). */
export function fieldValue(field: HeaderField): string {
  return readOctets(field.raw.slice(valueStart(field)).replaceAll('\r\n', '')).trim();
}

const windows1252 = new TextDecoder('windows-1252');

/** Octets (as latin1) as text: UTF-8 (RFC 6532), or the usual charset of senders that name none. */
export function readOctets(raw: string): string {
  if (isAscii(raw)) return raw;
  const octets = Buffer.from(raw, 'latin1');
  return isUtf8(octets) ? octets.toString() : windows1252.decode(octets);
}

/** The number of servers that a message has passed (RFC 5321 6.3). */
export function countReceived(fields: readonly HeaderField[]): number {
  return fields.filter((field) => field.name === 'received').length;
}

/** One address, with or without a name before it, and no quotes, comments or ambiguity: most mail. */
const plainAuthor =
  /^(?:([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)|[\w .-]*<([\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>)$/;

/** Far above any real list of authors. Limits the time for a hostile one. */
const longestFrom = 8_192;

/**
 * Every address in the value of `From:`, groups included, in order. Addresses in an unquoted display name
 * count too, because some readers show them. Addresses in encoded words count too, because many readers
 * decode the field before they parse it. If readers disagree on the end of a comment, the addresses of each
 * interpretation count. `undefined` if there is none, or an entry without one.
 */
export function fromAddresses(value: string): string[] | undefined {
  if (value.length > longestFrom) return undefined;
  // The characters of an encoded word may occur in a local part, and many readers decode them there, too.
  const isEncoded = value.includes('=?');
  const plain = isEncoded ? null : plainAuthor.exec(value);
  if (plain !== null) return [plain[1] ?? plain[2] ?? ''];
  const addresses = addressesOf(value);
  if (addresses.length === 0 || !addresses.every(hasAddress)) return undefined;
  const decoded = isEncoded ? [decodeWords(value)] : [];
  for (const text of decoded) {
    // A decoded name may now look like an entry, so entries without an address are possible.
    addresses.push(...addressesOf(text).filter(hasAddress));
  }
  const words = [value, ...decoded].flatMap(withoutComments).flatMap((bare) => {
    // Comments and white space may occur within a domain (RFC 5322 4.4). Some readers join the remaining
    // parts.
    const joined = bare.replaceAll(/\s+/g, ' ').replaceAll(/ ?(?:\(\) ?)+/g, '');
    // Readers also disagree on a quote without an end.
    const texts = [bare, joined, joined.replaceAll(/ ?\. ?/g, '.'), withoutOpenQuotes(joined)];
    return texts.flatMap((text) => text.split(/[\s<>(),;:"]+/));
  });
  return [...new Set([...addresses, ...words.filter(hasAddress)])];
}

/** Remaining quotes are unclosed: `readBare` has removed all others except those around local parts. */
const withoutOpenQuotes = (text: string): string =>
  text.replaceAll(/("(?:[^"\\]|\\.)*"(?=@))|"/g, (_, localPart?: string) => localPart ?? '');

const addressesOf = (value: string): string[] =>
  addressparser(value, { flatten: true }).map((mailbox) => mailbox.address);

/** The position of the `)` of the comment that begins at `at`; -1 if there is none. */
type CommentEnd = (value: string, at: number) => number;

const atFirst: CommentEnd = (value, at) => value.indexOf(')', at);
/** For readers that do not treat parentheses as comments. */
const atOnce: CommentEnd = (_, at) => at;

/**
 * The remaining text for readers of each kind, with `()` for each comment and a space for each quoted string
 * that is no local part. If the parentheses balance, every reader treats them as comments.
 */
function withoutComments(value: string): string[] {
  const strict = readBare(value, endOfComment);
  const texts = [strict.text, readBare(value, atFirst).text];
  if (!strict.isBalanced) texts.push(readBare(value, atOnce).text);
  return [...new Set(texts)];
}

function readBare(value: string, endOf: CommentEnd): { text: string; isBalanced: boolean } {
  const quoted = /"(?:[^"\\]|\\.)*"/y;
  let text = '';
  let isBalanced = true;
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    quoted.lastIndex = at;
    if (character === '(' || character === ')') {
      const end = character === ')' ? at : endOf(value, at);
      if (character === ')' || end === -1) isBalanced = false;
      text += '()';
      if (end === -1) break;
      at = end;
    } else if (character === '"' && quoted.test(value)) {
      const end = quoted.lastIndex;
      text += value[end] === '@' ? value.slice(at, end) : ' ';
      at = end - 1;
    } else {
      text += character;
    }
  }
  return { text, isBalanced };
}

const hasAddress = (text: string) => /.@./.test(text);
