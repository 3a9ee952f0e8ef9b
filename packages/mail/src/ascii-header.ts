import { isAscii } from './address.ts';
import { readOctets, valueStart, type HeaderField } from './header.ts';
import { lineLimit } from './message-reader.ts';
import { asciiParameters } from './parameters.ts';
import type { Reply } from './replies.ts';
import { asciiStructured, asciiText, urls } from './structured.ts';

/** Of addresses, identifiers, dates: only words of phrases and comments may be encoded in them. */
const structured: ReadonlySet<string> = new Set(
  `from sender reply-to to cc bcc resent-from resent-sender resent-reply-to resent-to resent-cc
  resent-bcc return-path
  disposition-notification-to return-receipt-to errors-to mail-followup-to mail-reply-to list-id
  keywords message-id in-reply-to references resent-message-id content-id date resent-date received
  mime-version content-transfer-encoding dkim-signature authentication-results
  auto-submitted precedence importance`.split(/\s+/),
);
const parameters: ReadonlySet<string> = new Set(['content-type', 'content-disposition']);
/** URLs in angle brackets (RFC 2369). */
const lists: ReadonlySet<string> = new Set(
  'list-help list-unsubscribe list-subscribe list-post list-owner list-archive'.split(' '),
);

/** Of a line with encoded words (RFC 2047 2), in octets. */
const usualLength = 76;

/**
 * A field in the form that every receiver accepts: its name, a colon and a value in ASCII with the same
 * meaning. Octets that are not UTF-8 are read as windows-1252, the usual charset of senders that name none. A
 * line that is too long is folded. Returns the reply to refuse the field with if only SMTPUTF8 can carry it
 * (RFC 6532), such as a local part, or if it is malformed.
 */
export function asciiField(field: HeaderField): string | Reply {
  if (isAscii(field.raw)) return writtenField(field);
  const name = field.raw.slice(0, field.name.length);
  const value = asciiValue(field.name, readOctets(unfolded(field)).trimEnd());
  return typeof value === 'string' ? folded(`${name}:${value}`) : value;
}

/** A field unchanged except for blanks before the colon (RFC 5322 4.5) and lines that are too long. */
export function writtenField(field: HeaderField): string {
  const { raw, name } = field;
  const isShort = raw.length <= lineLimit || !hasLongLine(raw);
  if (isShort && raw.charAt(name.length) === ':') return raw;
  const start = raw.slice(0, name.length);
  return isShort
    ? `${start}:${raw.slice(valueStart(field))}`
    : folded(`${start}:${unfolded(field)}`);
}

/**
 * Whether a line is longer than receivers must accept (RFC 5322 2.1.1). After folding, only a single word can
 * be.
 */
export const hasLongLine = (raw: string): boolean =>
  raw.length > lineLimit && raw.split('\r\n').some((line) => line.length > lineLimit);

/** No octet above 127, and no line that is too long. */
export const isSevenBit = (raw: string): boolean => isAscii(raw) && !hasLongLine(raw);

function asciiValue(name: string, value: string): string | Reply {
  if (parameters.has(name)) return asciiParameters(value);
  if (lists.has(name)) return asciiStructured(value, urls);
  return structured.has(name) ? asciiStructured(value) : asciiText(value);
}

const unfolded = (field: HeaderField): string =>
  field.raw.slice(valueStart(field)).replaceAll('\r\n', '');

/** Inserts CRLF before white space (RFC 5322 2.2.3) if the line would otherwise be too long. */
function folded(line: string): string {
  const lines: string[] = [];
  let current = '';
  for (const part of line.trimEnd().match(/[ \t]*[^ \t]+/g) ?? []) {
    if (current !== '' && current.length + part.length > usualLength) {
      lines.push(current);
      current = part;
    } else current += part;
  }
  lines.push(current);
  return `${lines.join('\r\n')}\r\n`;
}
