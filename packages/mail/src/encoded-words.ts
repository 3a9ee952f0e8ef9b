/** Of an encoded word, in characters: fewer than RFC 2047 2 allows, so that a field name fits before it. */
const longest = 60;
const opening = { q: '=?utf-8?q?', b: '=?utf-8?b?' } as const;
const room = longest - opening.q.length - '?='.length;

/** Characters that may be unencoded in an encoded word, in any position (RFC 2047 5 (3)). */
const plain = /^[A-Za-z\d!*+/-]$/;

/** Text as encoded words (RFC 2047) with a space between any two. Decoding returns the original text. */
export function encodeWords(text: string): string {
  const characters = Array.from(text, (character) => ({
    character,
    octets: Buffer.byteLength(character),
    q: asQ(character),
  }));
  // Q is readable without a decoder, so it is used for text that is mostly ASCII.
  const isQ = sum(characters, ({ q }) => q.length) <= 2 * sum(characters, ({ octets }) => octets);
  const words: string[] = [];
  let word = '';
  let size = 0;
  for (const { character, octets, q } of characters) {
    // A character must not be split between words (RFC 2047 5).
    const added = isQ ? q.length : octets;
    if (size + added > (isQ ? room : (room >> 2) * 3)) {
      words.push(word);
      word = '';
      size = 0;
    }
    word += isQ ? q : character;
    size += added;
  }
  words.push(word);
  return words
    .map((one) =>
      isQ ? `${opening.q}${one}?=` : `${opening.b}${Buffer.from(one).toString('base64')}?=`,
    )
    .join(' ');
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function asQ(character: string): string {
  if (character === ' ') return '_';
  if (plain.test(character)) return character;
  return Array.from(Buffer.from(character).toString('latin1'), (octet) => `=${hex(octet)}`).join(
    '',
  );
}

/** An octet as two digits, as in RFC 2045 6.7, RFC 2047 4.2 and RFC 2231 7. */
export const hex = (octet: string): string =>
  octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');

const encodedWord = String.raw`=\?([\w-]{1,40})(?:\*[\w-]{1,40})?\?([bq])\?([^?\s]*)\?=`;
const anyWord = new RegExp(encodedWord, 'gi');
const between = new RegExp(String.raw`(\?=)\s+(?=${encodedWord})`, 'gi');
const onlyWord = new RegExp(`^${encodedWord}$`, 'i');

export const isEncodedWord = (text: string): boolean => onlyWord.test(text);

/** Text with its encoded words decoded; those in an unknown character set stay. */
export function decodeWords(text: string): string {
  return text
    .replaceAll(between, '$1')
    .replaceAll(anyWord, (word: string, charset: string, encoding: string, payload: string) => {
      const octets =
        encoding.toLowerCase() === 'b' ? Buffer.from(payload, 'base64') : octetsOfQ(payload);
      try {
        return new TextDecoder(charset).decode(octets);
      } catch {
        return word;
      }
    });
}

function octetsOfQ(payload: string): Buffer {
  const text = payload
    .replaceAll('_', ' ')
    .replaceAll(/=([\dA-F]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(text, 'latin1');
}
