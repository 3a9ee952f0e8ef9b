import { createHash } from 'node:crypto';

/** One form in which a text may be stored. */
export interface Form {
  readonly name: string;
  readonly octets: Buffer;
}

type Named = readonly [name: string, form: Buffer | string];

/**
 * A text in every usual encoding, and its unsalted hashes, each as written and in lower case, as addresses
 * are often stored. The ends that depend on adjacent octets (base64 in its three alignments) are left out.
 */
export function formsOf(text: string): Form[] {
  const forms = new Map<string, Form>();
  for (const [name, form] of [
    ...formsAsWritten(text),
    ...formsAsWritten(text.toLowerCase()).map(
      ([name, form]) => [`${name}, lower case`, form] as const,
    ),
  ]) {
    const octets = Buffer.from(form as Buffer);
    const key = octets.toString('latin1');
    // Many are equal, for example of a text in ASCII.
    if (!forms.has(key)) forms.set(key, { name, octets });
  }
  return [...forms.values()];
}

const formsAsWritten = (text: string): Named[] => [
  ...charsetForms(text).flatMap(([charset, octets]) =>
    octetForms(octets).map(([name, form]): Named => [`${charset}, ${name}`, form]),
  ),
  ['URL', encodeURIComponent(text)],
  ['URL of a form', encodeURIComponent(text).replaceAll('%20', '+')],
  ['JSON', JSON.stringify(text).slice(1, -1)],
  ['JSON in ASCII', jsonAscii(text)],
  ...hashForms(text),
];

const charsetForms = (text: string): (readonly [string, Buffer])[] => [
  ['UTF-8', Buffer.from(text)],
  ['Latin-1', Buffer.from(text, 'latin1')],
  ['UTF-16LE', Buffer.from(text, 'utf16le')],
  ['UTF-16BE', Buffer.from(text, 'utf16le').swap16()],
];

const octetForms = (octets: Buffer): Named[] => [
  ['raw', octets],
  ['hex', octets.toString('hex')],
  ['HEX', octets.toString('hex').toUpperCase()],
  // A body, a subject and a name before an address (RFC 2045 6.7, RFC 2047 4.2 and 5): each leaves fewer
  // characters unencoded.
  ['quoted-printable', quoted(octets, /[ -<>-~]/)],
  ['Q in a text', quoted(octets, /[ -<>@-^`-~]/).replaceAll(' ', '_')],
  ['Q in a phrase', quoted(octets, /[ A-Za-z0-9!*+/-]/).replaceAll(' ', '_')],
  ...base64Forms(octets),
];

function quoted(octets: Buffer, literal: RegExp): string {
  return [...octets]
    .map((octet) => {
      const char = String.fromCodePoint(octet);
      if (literal.test(char)) return char;
      return `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function base64Forms(octets: Buffer): Named[] {
  return [0, 1, 2].flatMap((shift): Named[] => {
    const shifted = Buffer.concat([Buffer.alloc(shift), octets]);
    // Only the part that depends on the text alone: whole groups of six bits.
    const from = Math.ceil((shift * 8) / 6);
    const to = Math.floor((shifted.length * 8) / 6);
    const standard = shifted.toString('base64').slice(from, to);
    const url = shifted.toString('base64url').slice(from, to);
    return [
      [`base64 +${String(shift)}`, standard],
      [`base64url +${String(shift)}`, url],
    ];
  });
}

function hashForms(text: string): Named[] {
  return ['md5', 'sha1', 'sha256'].flatMap((algorithm): Named[] => {
    const digest = createHash(algorithm).update(text).digest();
    return [
      [algorithm, digest],
      [`${algorithm} in hex`, digest.toString('hex')],
      [`${algorithm} in HEX`, digest.toString('hex').toUpperCase()],
      [`${algorithm} in base64`, digest.toString('base64').replace(/=+$/, '')],
      [`${algorithm} in base64url`, digest.toString('base64url')],
    ];
  });
}

const jsonAscii = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(
      /[^\u0020-\u007E]/g,
      (char) => String.raw`\u` + char.codePointAt(0)?.toString(16).padStart(4, '0'),
    );
