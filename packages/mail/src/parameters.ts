import { isAscii } from './address.ts';
import { hex } from './encoded-words.ts';
import { replies, type Reply } from './replies.ts';
import { asciiStructured, endOfComment, onlyComments, unquoted } from './structured.ts';

/** Of one section of a value that is continued (RFC 2231 3), in characters. */
const sectionLength = 50;

/**
 * The value of Content-Type or Content-Disposition in ASCII: parameter values become
 * `name*=utf-8''…` (RFC 2231 4), long ones in sections. The reply to refuse it with if it is malformed.
 */
export function asciiParameters(value: string): string | Reply {
  const parts = partsOf(value);
  if (parts === undefined) return replies.headerNotEncodable;
  const extended = new Set(
    parts.flatMap((part) => {
      const [, , name = '', star] = parameter.exec(part) ?? [];
      return star === undefined ? [] : name.toLowerCase();
    }),
  );
  const written: string[] = [];
  for (const part of parts) {
    const ascii = isAscii(part) ? part : asciiParameter(part, extended);
    if (typeof ascii === 'object') return ascii;
    if (ascii !== undefined) written.push(ascii);
  }
  return written.join(';');
}

const piece = /"(?:[^"\\]|\\.)*"|[^"(;]+/suy;

/**
 * The parts between semicolons; semicolons in quotes or comments do not count. `undefined` if quotes or a
 * comment have no end.
 */
function partsOf(value: string): string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < value.length;) {
    const character = value.charAt(at);
    if (character === ';') {
      parts.push(value.slice(start, at));
      start = at += 1;
      continue;
    }
    if (character === '(') {
      at = endOfComment(value, at) + 1;
      if (at === 0) return undefined;
      continue;
    }
    piece.lastIndex = at;
    if (!piece.test(value)) return undefined;
    at = piece.lastIndex;
  }
  return [...parts, value.slice(start)];
}

/** Space, name, the suffix of RFC 2231, and the value. */
const parameter = /^([ \t]*)([^\s"=*]+)(\*(?:\d+\*?)?)?[ \t]*=[ \t]*(.*)$/su;
/** A quoted string, and comments after it. */
const quotedValue = /^("(?:[^"\\]|\\.)*")([ \t]*(?:\(.*)?)$/su;

/** `undefined` if an extended parameter has the same name and is preferred. */
function asciiParameter(part: string, extended: ReadonlySet<string>): string | Reply | undefined {
  const [, space = '', name = '', star, given = ''] = parameter.exec(part) ?? [];
  if (name === '' || !isAscii(name)) return asciiStructured(part, onlyComments);
  // It is in the extended form already, but not entirely in ASCII.
  if (star === '*' && /^"?utf-8'/i.test(given)) {
    return `${space}${name}*=${given.replaceAll(/[^\p{ASCII}]+/gu, percent)}`;
  }
  // A section takes its charset from another one, and a boundary must be equal to that in the delimiters.
  if (star !== undefined || name.toLowerCase() === 'boundary') return replies.headerNotEncodable;
  if (extended.has(name.toLowerCase())) return undefined;
  const [, string, rest = ''] = quotedValue.exec(given) ?? [];
  if (string === undefined && given.includes('"')) return replies.headerNotEncodable;
  const after = asciiStructured(rest, onlyComments);
  if (typeof after !== 'string') return after;
  const sections: string[] = [''];
  for (const character of string === undefined ? given.trimEnd() : unquoted(string)) {
    const added = percent(character);
    if ((sections.at(-1) ?? '').length + added.length > sectionLength) sections.push('');
    sections.push((sections.pop() ?? '') + added);
  }
  const [only] = sections;
  if (sections.length === 1) return `${space}${name}*=utf-8''${only ?? ''}${after}`;
  const written = sections.map(
    (section, n) =>
      `${n === 0 ? space : ' '}${name}*${String(n)}*=${n === 0 ? "utf-8''" : ''}${section}`,
  );
  return written.join(';') + after;
}

/** Everything but attribute-char (RFC 2231 7) as %XX. */
const percent = (text: string): string =>
  encodeURIComponent(text).replaceAll(/['()*]/g, (character) => `%${hex(character)}`);
