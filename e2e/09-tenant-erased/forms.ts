import { createHash } from 'node:crypto';

/** One way in which a text may stand somewhere. */
export interface Form {
  readonly name: string;
  readonly octets: Buffer;
}

/**
 * A text in every usual encoding, and its unsalted hashes. What an encoding changes at its ends (base64
 * in its three alignments) is left out there.
 */
export function formsOf(text: string): Form[] {
  const raw = Buffer.from(text);
  const forms: [string, Buffer | string][] = [
    ['raw', raw],
    ['latin1', Buffer.from(text, 'latin1')],
    ['lower case', text.toLowerCase()],
    ['URL', encodeURIComponent(text)],
    ['URL of a form', encodeURIComponent(text).replaceAll('%20', '+')],
    ['quoted-printable', quotedPrintable(raw)],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['JSON in ASCII', jsonAscii(text)],
    ['hex', raw.toString('hex')],
    ['HEX', raw.toString('hex').toUpperCase()],
    ['UTF-16LE', Buffer.from(text, 'utf16le')],
    ['UTF-16BE', Buffer.from(text, 'utf16le').swap16()],
    ...base64Forms(raw),
    ...hashForms(text),
  ];
  const seen = new Set<string>();
  return forms.flatMap(([name, octets]) => {
    const form = { name, octets: Buffer.from(octets as Buffer) };
    const key = form.octets.toString('latin1');
    if (seen.has(key)) return [];
    seen.add(key);
    return [form];
  });
}

function base64Forms(raw: Buffer): [string, string][] {
  return [0, 1, 2].flatMap((shift): [string, string][] => {
    const shifted = Buffer.concat([Buffer.alloc(shift), raw]);
    // Only what depends on the text alone: whole groups of three octets.
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

function hashForms(text: string): [string, Buffer | string][] {
  return ['md5', 'sha1', 'sha256'].flatMap((algorithm) =>
    [...new Set([text, text.toLowerCase()])].flatMap((of): [string, Buffer | string][] => {
      const digest = createHash(algorithm).update(of).digest();
      return [
        [algorithm, digest],
        [`${algorithm} in hex`, digest.toString('hex')],
        [`${algorithm} in base64`, digest.toString('base64').replace(/=+$/, '')],
        [`${algorithm} in base64url`, digest.toString('base64url')],
      ];
    }),
  );
}

const quotedPrintable = (raw: Buffer): string =>
  [...raw]
    .map((octet) =>
      octet < 33 || octet > 126 || octet === 61
        ? `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCodePoint(octet),
    )
    .join('');

const jsonAscii = (text: string): string =>
  JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(
      /[^\u0020-\u007E]/g,
      (char) => String.raw`\u` + char.codePointAt(0)?.toString(16).padStart(4, '0'),
    );
