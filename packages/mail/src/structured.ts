import { isAscii, withAsciiDomain } from './address.ts';
import { encodeWords, isEncodedWord } from './encoded-words.ts';

/** A piece of a field's value. Encoded may be words only; `plain` is what a word says. */
type Token =
  | { readonly kind: 'word'; readonly text: string; readonly plain: string }
  | { readonly kind: 'space' | 'other'; readonly text: string };

const space = (text: string): Token => ({ kind: 'space', text });
const other = (text: string): Token => ({ kind: 'other', text });
const word = (text: string, plain = text): Token => ({ kind: 'word', text, plain });

/** Text without a structure (RFC 5322 2.2.1) in ASCII: each word that is not becomes an encoded one. */
export function asciiText(value: string): string {
  const tokens = value.match(/[ \t]+|[^ \t]+/g) ?? [];
  return joined(tokens.map((text) => (/^[ \t]/.test(text) ? space(text) : word(text))));
}

/**
 * A value of addresses, phrases, comments (RFC 5322 3.2, 3.4) in ASCII: words of phrases and comments
 * become encoded words, domains become A-labels. `undefined` if that leaves something that is not
 * ASCII, such as the local part of an address.
 */
export function asciiStructured(
  value: string,
  inBrackets: (text: string) => string | undefined = withAsciiDomain,
): string | undefined {
  const text = joined(tokensOf(value, inBrackets));
  return isAscii(text) ? text : undefined;
}

/** A URL stays one: what is not ASCII in it is percent-encoded (RFC 3987 3.1). */
export const asciiUrl = (url: string): string =>
  url.replaceAll(/[^\p{ASCII}]+/gu, (part) => encodeURIComponent(part));

const quoted = /"(?:[^"\\]|\\.)*"?/suy;
const brackets = /<(?:"(?:[^"\\]|\\.)*"|[^">])*>?/suy;
const atom = /[^\s"(<,;:]+/uy;

function tokensOf(value: string, inBrackets: (text: string) => string | undefined): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  /** Takes what the pattern finds here. */
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(value)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  while (at < value.length) {
    const start = value.charAt(at);
    if (start === '(') {
      const end = endOfComment(value, at);
      tokens.push(other(asciiComment(value.slice(at, end))));
      at = end;
    } else if (start === '<') {
      const text = take(brackets) ?? '';
      const inside =
        text.endsWith('>') && !isAscii(text) ? inBrackets(text.slice(1, -1)) : undefined;
      tokens.push(other(inside === undefined ? text : `<${inside}>`));
    } else if (start === '"') {
      const text = take(quoted) ?? '';
      // A quoted local part is no word.
      if (value.charAt(at) === '@') tokens.push(address(text + (take(atom) ?? '')));
      else tokens.push(word(text, unescaped(text.replaceAll(/^"|"$/g, ''))));
    } else {
      const white = take(/[ \t]+/y);
      const text = white ?? take(atom);
      if (white !== undefined) tokens.push(space(white));
      else if (text === undefined) {
        tokens.push(other(start));
        at += 1;
      } else tokens.push(text.includes('@') ? address(text) : word(text));
    }
  }
  return tokens;
}

const address = (text: string): Token =>
  other(isAscii(text) ? text : (withAsciiDomain(text) ?? text));

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gsu, '$1');

/** Comments nest, and a backslash takes the meaning of the next character (RFC 5322 3.2.2). */
function endOfComment(value: string, start: number): number {
  let depth = 0;
  for (let at = start; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (character === '\\') at += 1;
    else if (character === '(') depth += 1;
    else if (character === ')' && (depth -= 1) === 0) return at + 1;
  }
  return value.length;
}

function asciiComment(text: string): string {
  if (isAscii(text)) return text;
  const parts = text.match(/[()]|[ \t]+|(?:\\.|[^()\\ \t]|\\$)+/gsu) ?? [];
  const tokens = parts.map((part) => {
    if (/^[ \t]/.test(part)) return space(part);
    return /^[()]$/.test(part) ? other(part) : word(part, unescaped(part));
  });
  return joined(tokens);
}

/**
 * The tokens as text. Words that need it are encoded, in one run with the space between them, for
 * decoders drop the space between two encoded words (RFC 2047 6.2). There is space around a run, as
 * RFC 2047 5 asks; in a comment its parentheses will do.
 */
function joined(tokens: readonly Token[]): string {
  const text: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind !== 'word' || isAscii(token.plain)) {
      text.push(token?.text ?? '');
      continue;
    }
    const before = tokens[at - 1];
    let run =
      (before?.kind === 'space' && isCoded(tokens[at - 2]) ? before.text : '') + token.plain;
    let [gap, next] = [tokens[at + 1], tokens[at + 2]];
    while (gap?.kind === 'space' && next?.kind === 'word' && !isAscii(next.plain)) {
      run += gap.text + next.plain;
      at += 2;
      [gap, next] = [tokens[at + 1], tokens[at + 2]];
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
