import { isUtf8 } from 'node:buffer';
import { lineLimit } from '../message-reader.ts';
import type { HeaderField } from '../header.ts';
import { hex } from './encoders.ts';

/**
 * A header field in ASCII, with lines of at most 998 octets: parameters by RFC 2231, everything else by
 * RFC 2047. It is the field as it came if it is so already, and `undefined` if it cannot be: an address
 * with UTF-8 has no such form.
 */
export function asciiField(field: HeaderField): string | undefined {
  const written = isPlain(field.raw) ? field.raw : encodeField(field);
  return isSevenBit(written) ? written : undefined;
}

/** No octet above 127, and no line longer than 998 octets. */
export const isSevenBit = (text: string): boolean =>
  isPlain(text) && text.split('\r\n').every((line) => line.length <= lineLimit);

// oxlint-disable-next-line no-control-regex -- all of ASCII
const isPlain = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

function encodeField({ name, raw }: HeaderField): string {
  const start = name.length + 1;
  const end = raw.endsWith('\r\n') ? raw.length - 2 : raw.length;
  const value = raw.slice(start, end);
  const charset = isUtf8(Buffer.from(raw, 'latin1')) ? 'utf-8' : 'unknown-8bit';
  return raw.slice(0, start) + encodeValue(name, value, charset) + raw.slice(end);
}

function encodeValue(name: string, value: string, charset: string): string {
  if (withParameters.has(name)) return encodeParameters(value, charset);
  const isStructured = structured.has(name);
  return encodeWords(value.split(isStructured ? phraseParts : /(\s+)/), charset, isStructured);
}

const withParameters: ReadonlySet<string> = new Set(['content-type', 'content-disposition']);
/** Only words and comments in these can be encoded (RFC 2047 5). */
const structured: ReadonlySet<string> = new Set([
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'message-id'].flatMap((name) => [
    name,
    `resent-${name}`,
  ]),
  'disposition-notification-to',
  'return-path',
  'received',
  'content-id',
  'in-reply-to',
  'references',
]);

/**
 * Quoted strings, comments, angle brackets, separators and white space (RFC 5322 3.2, 3.4). A quoted
 * string without an end goes to the end, so that nothing is looked at twice.
 */
const phraseParts = /("(?:[^"\\]|\\.)*(?:"|$)|[()<>,;:]|\s+)/s;
const quotedString = /^"(?:[^"\\]|\\.)*"$/s;

/** Writes runs of words with octets above 127 as encoded words, and everything between them as it is. */
function encodeWords(parts: readonly string[], charset: string, isStructured: boolean): string {
  let text = '';
  let run = '';
  let space = '';
  const endRun = (): void => {
    if (run !== '') text += encodedWords(run.replaceAll('\r\n', ''), charset);
    run = '';
    text += space;
    space = '';
  };
  for (const part of parts) {
    if (part === '') continue;
    if (/^\s/.test(part)) {
      space += part;
    } else if (isPlain(part)) {
      endRun();
      text += part;
    } else if (isStructured && (part.includes('@') || isOpen(part))) {
      // Half an address, or a string without an end: the result is not ASCII, and so refused.
      endRun();
      text += part;
    } else {
      // Readers drop white space between encoded words (RFC 2047 6.2), so it goes into them.
      if (run === '') endRun();
      else run += space;
      space = '';
      run += isStructured && part.startsWith('"') ? unquoted(part) : part;
    }
  }
  endRun();
  return text;
}

const isOpen = (part: string): boolean => part.startsWith('"') && !quotedString.test(part);

/** Octets of an encoded word: 75 characters at most (RFC 2047 2), for either charset. */
const wordOctets = 39;

function encodedWords(run: string, charset: string): string {
  const words: string[] = [];
  // RFC 2047 5: a character is not divided.
  const isWithinCharacter = (at: number) =>
    charset === 'utf-8' && /[\x80-\xbf]/.test(run.charAt(at));
  for (let at = 0; at < run.length;) {
    let end = Math.min(at + wordOctets, run.length);
    while (isWithinCharacter(end)) end -= 1;
    const octets = Buffer.from(run.slice(at, end), 'latin1');
    words.push(`=?${charset}?B?${octets.toString('base64')}?=`);
    at = end;
  }
  return words.join('\r\n ');
}

/** What stands before the value, the name, and the value: a quoted string, or what stands in for a token. */
const parameter = /(;\s*)([^\s=;]+)(\s*=\s*)("(?:[^"\\]|\\.)*"|[^";][^;]*)/gs;

/** Writes parameters with octets above 127 as RFC 2231 3 and 4 have them. */
function encodeParameters(value: string, charset: string): string {
  return value.replaceAll(
    parameter,
    (all: string, before: string, name: string, equals: string, text: string) => {
      if (isPlain(text)) return all;
      if (name.endsWith('*')) return before + name + equals + percentEncoded(text, /[\x80-\xff]/g);
      const content = text.startsWith('"') ? unquoted(text) : text.trimEnd();
      const encoded = percentEncoded(content.replaceAll('\r\n', ''), /[^\w!#$&+.^`{|}~-]/g);
      const [first = '', ...more] = encoded.match(/(?:%..|[^%]){1,20}/g) ?? [];
      if (more.length === 0) return `;\r\n ${name}*=${charset}''${first}`;
      return [`${charset}''${first}`, ...more]
        .map((piece, n) => `;\r\n ${name}*${String(n)}*=${piece}`)
        .join('');
    },
  );
}

const unquoted = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/gs, '$1');

const percentEncoded = (text: string, octets: RegExp): string =>
  text.replaceAll(octets, (octet) => `%${hex(octet)}`);
