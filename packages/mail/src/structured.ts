import { isAscii, withAsciiDomain } from './address.ts';
import { encodeWords, isEncodedWord } from './encoded-words.ts';
import { replies, type Reply } from './replies.ts';

/** A piece of a field's value. Only words may be encoded; `plain` is the text of a word. */
type Token =
  | { readonly kind: 'word'; readonly text: string; readonly plain: string }
  | { readonly kind: 'space' | 'comment' | 'address' | 'other' | 'open'; readonly text: string };

const space = (text: string): Token => ({ kind: 'space', text });
const other = (text: string): Token => ({ kind: 'other', text });
const address = (text: string): Token => ({ kind: 'address', text });
const word = (text: string, plain = text): Token => ({ kind: 'word', text, plain });

/** The kind of the pieces outside comments. */
interface Grammar {
  /** The text between angle brackets. */
  readonly bracketed: (inside: string) => Token;
  /** With its quotes. */
  readonly quoted: (text: string) => Token;
  readonly atom: (text: string) => Token;
}

/** Addresses, phrases, message ids (RFC 5322 3.4, 3.6.4). */
const mailboxes: Grammar = {
  bracketed(inside) {
    const ascii = withAsciiDomain(inside);
    return ascii === undefined ? other(`<${inside}>`) : address(`<${ascii}>`);
  },
  quoted: (text) => word(text, unquoted(text)),
  atom(text) {
    if (!text.includes('@')) return word(text);
    const ascii = withAsciiDomain(text);
    // A text with an `@` on one side only may be a name as well.
    const isHalf = !isAscii(text) && /^@|@$/.test(text);
    return ascii === undefined || isHalf ? other(text) : address(ascii);
  },
};

/** URLs in angle brackets (RFC 2369). */
export const urls: Grammar = {
  bracketed: (inside) => other(`<${asciiUrl(inside)}>`),
  quoted: other,
  // A URL without its brackets is also a URL.
  atom: (text) => other(asciiUrl(text)),
};

/** Only comments can be encoded. */
export const onlyComments: Grammar = {
  bracketed: (inside) => other(`<${inside}>`),
  quoted: other,
  atom: other,
};

/** Unstructured text (RFC 5322 2.2.1) in ASCII: each non-ASCII word is encoded. */
export function asciiText(value: string): string {
  const parts = value.match(/[ \t]+|[^ \t]+/g) ?? [];
  return joined(parts.map((text) => (/^[ \t]/.test(text) ? space(text) : word(text))));
}

/**
 * A structured value in ASCII: words of phrases and comments (RFC 5322 3.2) become encoded words, domains
 * become A-labels. Returns the reply to refuse it with if only SMTPUTF8 can carry it, such as a local part,
 * or if it is malformed. A malformed value must not be encoded, because that would fix one of several
 * interpretations.
 */
export function asciiStructured(value: string, grammar: Grammar = mailboxes): string | Reply {
  const found = tokensOf(value, grammar);
  const has = (kind: Token['kind']) =>
    found.some((token) => token.kind === kind && !isAscii(token.text));
  const isOpen = found.at(-1)?.kind === 'open';
  if (isOpen || has('other') || hasPartedAddress(found)) return replies.headerNotEncodable;
  return has('address') ? replies.headerNeedsSmtputf8 : joined(found);
}

/** A URL stays a URL: its non-ASCII characters are percent-encoded (RFC 3987 3.1). */
const asciiUrl = (url: string): string =>
  url.replaceAll(/[^\p{ASCII}]+/gu, (part) => encodeURIComponent(part));

const quoted = /"(?:[^"\\]|\\.)*"/suy;
const brackets = /<(?:"(?:[^"\\]|\\.)*"|[^"<>])*>/suy;
/** A non-ASCII space is treated like a letter. */
const atom = /[^ \t"(<,;:]+/uy;

function tokensOf(value: string, grammar: Grammar): Token[] {
  const found: Token[] = [];
  let at = 0;
  /** Takes the match of the pattern at this position. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(value)?.[0];
    at += text?.length ?? 0;
    return text;
  };
  /** An element without an end reaches to the end of the value. */
  const takeOpen = (): Token => {
    const text = value.slice(at);
    at = value.length;
    return { kind: 'open', text };
  };
  while (at < value.length) {
    const start = value.charAt(at);
    if (start === '(') {
      const end = endOfComment(value, at) + 1;
      found.push(end === 0 ? takeOpen() : comment(value.slice(at, end)));
      at = Math.max(at, end);
    } else if (start === '<') {
      const text = take(brackets);
      found.push(text === undefined ? takeOpen() : grammar.bracketed(text.slice(1, -1)));
    } else if (start === '"') {
      const text = take(quoted);
      if (text === undefined) found.push(takeOpen());
      // A quoted local part is no word.
      else if (value.charAt(at) === '@') found.push(grammar.atom(text + (take(atom) ?? '')));
      else found.push(grammar.quoted(text));
    } else {
      const white = take(/[ \t]+/y);
      const text = white ?? take(atom);
      if (white !== undefined) found.push(space(white));
      else if (text !== undefined) found.push(grammar.atom(text));
      else {
        found.push(other(start));
        at += 1;
      }
    }
  }
  return found;
}

/**
 * A non-ASCII word may be part of an address: without space between them (RFC 5322 4.4), or beside an `@`
 * with space and comments between (RFC 5322 3.4.1).
 */
function hasPartedAddress(found: readonly Token[]): boolean {
  let isGlued = false;
  let last: Token | undefined;
  for (const [at, token] of found.entries()) {
    if (isBare(token) && (isGlued || (token.text.startsWith('@') && isEncoded(last)))) return true;
    if (isEncoded(token) && isBare(last)) {
      if (found[at - 1] === last || last.text.endsWith('@')) return true;
    }
    isGlued = token.kind === 'word' && (isGlued || isEncoded(token));
    if (token.kind !== 'space' && token.kind !== 'comment') last = token;
  }
  return false;
}

/** An address, or half of one, without angle brackets. */
const isBare = (token: Token | undefined): token is Token =>
  token?.kind === 'address' && !token.text.startsWith('<');

const isEncoded = (token: Token | undefined): boolean =>
  token?.kind === 'word' && !isAscii(token.plain);

/** The content of a quoted string (RFC 5322 3.2.4). */
export const unquoted = (text: string): string => unescaped(text.slice(1, -1));

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gsu, '$1');

/**
 * The position of the `)` of the comment that begins at `start`; -1 if there is none. Comments nest, and a
 * backslash escapes the next character (RFC 5322 3.2.2).
 */
export function endOfComment(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')' && (depth -= 1) === 0) return at;
  }
  return -1;
}

function comment(text: string): Token {
  if (isAscii(text)) return { kind: 'comment', text };
  const parts = text.match(/[()]|[ \t]+|(?:\\.|[^()\\ \t]|\\$)+/gsu) ?? [];
  const inside = parts.map((part) => {
    if (/^[ \t]/.test(part)) return space(part);
    return /^[()]$/.test(part) ? other(part) : word(part, unescaped(part));
  });
  return { kind: 'comment', text: joined(inside) };
}

/**
 * The tokens as text. Words that need it are encoded, in one run with the space between them, because
 * decoders drop the space between two encoded words (RFC 2047 6.2). There is space around a run, as RFC 2047
 * 5 requires; in a comment its parentheses are enough.
 */
function joined(found: readonly Token[]): string {
  const text: string[] = [];
  for (let at = 0; at < found.length; at += 1) {
    const token = found[at];
    if (token?.kind !== 'word' || isAscii(token.plain)) {
      text.push(token?.text ?? '');
      continue;
    }
    const before = found[at - 1];
    let run = (before?.kind === 'space' && isCoded(found[at - 2]) ? before.text : '') + token.plain;
    let [gap, next] = [found[at + 1], found[at + 2]];
    while (gap?.kind === 'space' && next?.kind === 'word' && !isAscii(next.plain)) {
      run += gap.text + next.plain;
      at += 2;
      [gap, next] = [found[at + 1], found[at + 2]];
    }
    if (gap?.kind === 'space' && isCoded(next)) run += gap.text;
    text.push(
      needsSpace(before, '(') ? ' ' : '',
      encodeWords(run),
      needsSpace(gap, ')') ? ' ' : '',
    );
  }
  return text.join('');
}

const isCoded = (token: Token | undefined): boolean =>
  token?.kind === 'word' && isEncodedWord(token.text);

const needsSpace = (beside: Token | undefined, parenthesis: string): boolean =>
  beside !== undefined && beside.kind !== 'space' && beside.text !== parenthesis;
