import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import PostalMime, { addressParser, decodeWords } from 'postal-mime';
import { expect } from 'vitest';
import {
  asciiField,
  hasLongLine,
  headerFields,
  withoutRepeats,
  type HeaderField,
} from '../src/index.ts';
import { octetsOf } from './octets.ts';

/** An incoming field: its octets as latin1. */
const fieldOf = (name: string, value: string): HeaderField => ({
  name: name.toLowerCase(),
  raw: Buffer.from(`${name}: ${value}\r\n`).toString('latin1'),
});

function written(field: HeaderField): string {
  const ascii = asciiField(field);
  if (typeof ascii !== 'string') throw new Error(ascii.text);
  return ascii;
}

const unfolded = (raw: string) => raw.replaceAll('\r\n', '').replace(/^[^:]*: ?/, '');

/** The value in ASCII, unfolded; nothing if only SMTPUTF8 can carry it. */
function valueOf(field: HeaderField): string | undefined {
  const text = asciiField(field);
  if (typeof text !== 'string') return undefined;
  expect(text).toMatch(/^[\t\r\n -~]*$/);
  return unfolded(text);
}

const letters = fc.stringMatching(/^[!-~]{1,12}$/);
const others = fc.constantFrom(
  'ü',
  'ß',
  'é',
  '日本',
  '🙂',
  '\u0301',
  '=?utf-8?q?=C3=A4_b?=',
  '=?x?=',
);
const word = fc.oneof(
  letters,
  others,
  fc.tuple(letters, others).map(([a, b]) => a + b),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '  ', '\t')), { minLength: 1, maxLength: 30 })
  .map((parts) => parts.flat().join('').trim())
  // An encoded word with adjacent text is none, but most readers take it for one.
  .filter((value) =>
    value
      .split(/[ \t]+/)
      .every((one) => !/=\?.*\?=/.test(one) || /^=\?[^?]*\?q\?[^?]*\?=$/.test(one)),
  );

fuzz(
  'text keeps its meaning in ASCII, in lines that are not longer than their longest word',
  [text],
  (value) => {
    const field = fieldOf('Subject', value);
    expect(decodeWords(valueOf(field) ?? '')).toBe(decodeWords(value));
    if (/^[ -~\t]*$/.test(value)) return;
    for (const line of written(field).split('\r\n')) {
      expect(line.length <= 76 || !/\S\s+\S/.test(line.trim())).toBe(true);
    }
  },
  500,
);

const names = fc.stringMatching(/^[a-zA-Zäöü日🙂 ,@"\\()<>]{0,25}$/u);
const mailbox = fc.stringMatching(/^[a-z]{1,8}@(ours|theirs)\.example$/);
const asQuoted = (name: string) => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

fuzz(
  'names of addresses keep their meaning in ASCII, and the addresses are the same',
  [fc.array(fc.tuple(names, mailbox), { minLength: 1, maxLength: 5 })],
  (mailboxes) => {
    const value = mailboxes.map(([name, address]) => `${asQuoted(name)} <${address}>`).join(', ');
    const read = addressParser(valueOf(fieldOf('To', value)) ?? '');
    expect(read.map(({ name, address }) => [decodeWords(name).trim(), address])).toEqual(
      mailboxes.map(([name, address]) => [name.trim(), address]),
    );
  },
  500,
);

fuzz(
  'the name of a file keeps its meaning in ASCII',
  [fc.stringMatching(/^[a-zA-Z0-9äöü日🙂 ,;@'%*()=.-]{1,60}$/u), fc.boolean()],
  async (name, isInType) => {
    if (name.trim() !== name) return;
    const type = isInType ? `application/x; name="${name}"` : 'application/x';
    const disposition = isInType ? 'attachment' : `attachment; filename="${name}"`;
    const header = [fieldOf('Content-Type', type), fieldOf('Content-Disposition', disposition)];
    const message = `${header.map(written).join('')}\r\nx\r\n`;
    const { attachments } = await PostalMime.parse(message);
    expect(attachments[0]?.filename).toBe(name);
  },
  100,
);

const pieces = [
  '"',
  '\\',
  '(',
  ')',
  '<',
  '>',
  ',',
  ';',
  ':',
  '@',
  '=?',
  '?=',
  '=',
  '*',
  ' ',
  '\t',
  'a',
  'ü',
  '\xff',
  '\r\n ',
];
const fields = fc.constantFrom('Subject', 'From', 'Content-Type', 'List-Unsubscribe', 'Date');

fuzz(
  'any field in ASCII is one field of that name, without a line that is too long',
  [fields, octetsOf(pieces)],
  (name, octets) => {
    const given = headerFields(
      Buffer.concat([Buffer.from(`${name}: x`), octets, Buffer.from('\r\n')]),
    );
    const [field, ...more] = given ?? [];
    if (field === undefined || more.length > 0) return;
    const ascii = asciiField(field);
    if (typeof ascii !== 'string') return;
    expect(headerFields(Buffer.from(ascii, 'latin1'))).toEqual([
      { name: name.toLowerCase(), raw: ascii },
    ]);
    expect(hasLongLine(ascii)).toBe(false);
  },
  2_000,
);

fuzz(
  'the time to make a field ASCII is linear in its length',
  [fields, fc.array(fc.constantFrom(...pieces, '=?utf-8?q?x?='), { minLength: 1, maxLength: 4 })],
  (name, unit) => {
    expectLinear((size) => fieldOf(name, `ü${unit.join('').repeat(size)}`), asciiField);
  },
  5,
);

fuzz(
  'the time to find repetitions is linear in their number',
  [fc.constantFrom('To', 'Subject', 'X')],
  (name) => {
    const repeated = (size: number) =>
      Array.from({ length: size }, (_, n) =>
        fieldOf(name, name === 'To' ? `a${String(n)}@x.test` : ''),
      );
    expectLinear(repeated, withoutRepeats);
  },
  3,
);
