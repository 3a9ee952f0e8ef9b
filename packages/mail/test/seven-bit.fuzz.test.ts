import { isAscii } from 'node:buffer';
import { buffer } from 'node:stream/consumers';
import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import PostalMime from 'postal-mime';
import { expect } from 'vitest';
import {
  createRelaxedBodyHash,
  splitHeaderBlock,
  toSevenBit,
  type SevenBitRefusal,
} from '../src/index.ts';
import { CannotRecode } from '../src/seven-bit/refusal.ts';
import { createScanner } from '../src/seven-bit/scan.ts';
import { createSevenBitWriter } from '../src/seven-bit/writer.ts';
import { cutting, octetsOf } from './octets.ts';

async function* chunksOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

/** The recoded message, after the checks that apply to every one. */
async function recode(chunks: readonly Buffer[]): Promise<Buffer | SevenBitRefusal> {
  const result = await toSevenBit(() => chunksOf(chunks));
  if ('refusal' in result) return result;
  const octets = await buffer(result.stream());
  expect(isAscii(octets)).toBe(true);
  const text = octets.toString('latin1');
  expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThan(999);
  expect(text).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
  expect(result.size).toBe(octets.length);
  const hash = createRelaxedBodyHash();
  hash.update(splitHeaderBlock(octets).body);
  expect(result.bodyHash).toBe(hash.digest());
  expect(octets.subarray(0, result.header.length).equals(result.header)).toBe(true);
  return octets;
}

const isRefusal = (result: Buffer | SevenBitRefusal): result is SevenBitRefusal =>
  !Buffer.isBuffer(result);

/** The result of another parser: texts, and the type, name and octets of each other part. */
async function readParts(octets: Buffer): Promise<unknown> {
  const mail = await PostalMime.parse(octets, { forceRfc822Attachments: true });
  const attachments = mail.attachments.map(async ({ mimeType, filename, content }) => {
    const found = Buffer.from(content as ArrayBuffer);
    if (mimeType === 'message/rfc822') return readParts(found);
    // That parser writes its own line ends, and keeps space that RFC 2045 6.7 (3) deletes.
    const inner = found
      .toString('latin1')
      .replaceAll(/[ \t\r]+(?=\n|$)/g, '')
      .replace(/\n+$/, '');
    return { mimeType, filename, inner };
  });
  const { text, html, subject, from } = mail;
  return { text, html, subject, from, attachments: await Promise.all(attachments) };
}

/** The same without a library and octet for octet: RFC 2045 and RFC 2046, sentence by sentence. */
function readTree(text: string, isInDigest = false): unknown {
  const { header, body } = splitHeaderBlock(Buffer.from(text, 'latin1'));
  const fields = header.toString('latin1').replaceAll(/\r\n(?=[ \t])/g, '');
  const type =
    /^content-type: *([\w/-]+)/im.exec(fields)?.[1] ??
    (isInDigest ? 'message/rfc822' : 'text/plain');
  const content = body.toString('latin1');
  if (type === 'message/rfc822') return { type, inner: readTree(content) };
  if (!type.startsWith('multipart/')) return { type, content: decoded(fields, content) };
  const boundary = /boundary="?([^"\r]+)/.exec(fields)?.[1] ?? '';
  const escaped = boundary.replaceAll(/[^\w ]/g, String.raw`\$&`);
  const [all = ''] = content.split(new RegExp(`(?:^|\r\n)--${escaped}--[ \t]*(?:\r\n|$)`));
  const [, ...parts] = all.split(new RegExp(`(?:^|\r\n)--${escaped}[ \t]*\r\n`));
  return { type, parts: parts.map((one) => readTree(one, type === 'multipart/digest')) };
}

function decoded(fields: string, content: string): string {
  const encoding = /^content-transfer-encoding: *([\w-]+)/im.exec(fields)?.[1]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(content, 'base64').toString('latin1');
  if (encoding !== 'quoted-printable') return content;
  return content
    .replaceAll(/[ \t]+(?=\r\n|$)/g, '')
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

const line = fc.oneof(
  fc.constantFrom('', ' ', '\t', '-', '--', '-- ', '--x', '=', '=C3', '.', 'From x', 'a \t'),
  fc.constantFrom('ü', 'Größe', '=ü', '- ü', '-'.repeat(80), '€ '.repeat(60), 'x'.repeat(990)),
  fc.stringMatching(/^[ -~]{0,100}$/),
);
const body = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\r\n'));

const fieldsOf = (...fields: readonly string[]): string =>
  fields.map((field) => (field === '' ? '' : `${field}\r\n`)).join('');

const identity = fc.constantFrom(
  '',
  ...['7bit', '8bit', 'binary', '8BIT (really)'].map(
    (name) => `Content-Transfer-Encoding: ${name}`,
  ),
);
const textPart = fc
  .tuple(fc.constantFrom('plain', 'html'), identity, body)
  .map(([type, encoding, text]) => {
    return `${fieldsOf(`Content-Type: text/${type}; charset=utf-8`, encoding)}\r\n${text}`;
  });
const filePart = fc
  .tuple(
    fc.constantFrom('application/pdf', 'image/png', 'message/global'),
    fc.constantFrom('a.pdf', 'Größe.pdf', `${'ü'.repeat(50)} "x.pdf`),
    identity,
    body,
  )
  .map(([type, name, encoding, content]) => {
    const file = `filename="${name.replaceAll('"', String.raw`\"`)}"`;
    const fields = [`Content-Type: ${type}`, `Content-Disposition: attachment; ${file}`, encoding];
    return `${fieldsOf(...fields)}\r\n${content}`;
  });
const encodedPart = fc
  .tuple(fc.constantFrom('base64', 'quoted-printable'), fc.boolean(), body)
  .map(([encoding, isBroken, content]) => {
    const type = 'Content-Type: application/octet-stream';
    const disposition = 'Content-Disposition: attachment; filename=b.bin';
    const encoded =
      encoding === 'base64'
        ? Buffer.from(content)
            .toString('base64')
            .replaceAll(/.{76}(?=.)/g, '$&\r\n')
        : isBroken
          ? content
          : content.replaceAll(/[^\r\n -<>-~]/gu, (octet) =>
              encodeURIComponent(octet).replaceAll('%', '='),
            );
    const fields = [type, disposition, `Content-Transfer-Encoding: ${encoding}`];
    return `${fieldsOf(...fields)}\r\n${encoded}`;
  });

/** Boundaries of different depths have no common prefix. */
const boundaries = ['"=_a b"', 'b-1', '"c\'()+_,./:=?"', 'd', 'e'];

function part(depth: number): fc.Arbitrary<string> {
  const leaves = [textPart, filePart, encodedPart];
  if (depth === boundaries.length) return fc.oneof(...leaves);
  const nested = fc.oneof({ depthSize: 'small' }, ...leaves, multipart(depth), attached(depth));
  return nested;
}

function multipart(depth: number): fc.Arbitrary<string> {
  const boundary = boundaries[depth] ?? 'z';
  const bare = boundary.replaceAll('"', '');
  return fc
    .tuple(
      fc.constantFrom('mixed', 'alternative', 'related'),
      identity,
      fc.constantFrom('', '\r\n', 'Präambel\r\n'),
      fc.array(fc.memo(part)(depth + 1), { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', ' ', '\t '),
      fc.constantFrom('', '\r\nEpilög', '\r\n'),
    )
    .map(([type, encoding, preamble, parts, padding, epilogue]) => {
      const fields = fieldsOf(
        `Content-Type: multipart/${type};\r\n boundary=${boundary}`,
        encoding,
      );
      const inner = parts.map((one) => `--${bare}${padding}\r\n${one}\r\n`).join('');
      return `${fields}\r\n${preamble}${inner}--${bare}--${padding}${epilogue}`;
    });
}

function attached(depth: number): fc.Arbitrary<string> {
  const disposition = fc.constantFrom(
    '',
    'Content-Disposition: attachment',
    'Content-Disposition: inline',
  );
  return fc
    .tuple(disposition, identity, fc.memo(part)(depth + 1))
    .map(([field, encoding, inner]) => {
      const fields = fieldsOf('Content-Type: message/rfc822', field, encoding);
      const header = fieldsOf(
        'From: "Jörg, M" <a@example.org>',
        'Subject: Größe und Maß',
        'MIME-Version: 1.0',
      );
      return `${fields}\r\n${header}${inner}`;
    });
}

const message = part(0).map((inner) =>
  Buffer.from(`From: a@example.org\r\nMIME-Version: 1.0\r\n${inner}\r\n`),
);

fuzz('every part keeps its octets', [message, cutting], async (octets, cut) => {
  const recoded = await recode(cut(octets));
  if (isRefusal(recoded)) throw new Error(recoded.text);
  expect(readTree(recoded.toString('latin1'))).toEqual(readTree(octets.toString('latin1')));
});

fuzz('another parser finds the same parts, with the same names', [message], async (octets) => {
  const recoded = await recode([octets]);
  if (isRefusal(recoded)) throw new Error(recoded.text);
  expect(await readParts(recoded)).toEqual(await readParts(octets));
});

const hostile = octetsOf([
  '\r\n',
  '\r\n\r\n',
  '\r\n--a\r\n',
  '\r\n--a--\r\n',
  '\r\n--b\r\n',
  '\r\n--b--\r\n',
  '--a',
  '--b-- ',
  'Content-Type: multipart/mixed; boundary=a\r\n',
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/signed; boundary=b\r\n',
  'Content-Type: multipart/digest; boundary=a\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: message/partial\r\n',
  'Content-Type: x\r\n',
  'Content-Transfer-Encoding: 8bit\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'MIME-Version: 1.0\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'A: b\r\n',
  'A: ü\r\n',
  'From: ü@ü\r\n',
  'ü',
  'x',
  ' ',
  'Content-Type: text/plain; name="ü',
  'x'.repeat(600),
  '=',
]).map((octets) =>
  Buffer.from(octets.toString('latin1').replaceAll(/\r(?!\n)|(?<!\r)\n|\0/g, ''), 'latin1'),
);

fuzz(
  'any message is recoded or refused, the same for any chunks',
  [hostile, cutting],
  async (octets, cut) => {
    const recoded = await recode([octets]);
    expect(await recode(cut(octets))).toEqual(recoded);
    if (isRefusal(recoded)) return;
    // 7-bit output stays unchanged: a second recoding has no effect.
    expect(await recode([recoded])).toEqual(recoded);
  },
  500,
);

const sevenBit = hostile.map((octets) =>
  Buffer.from(
    octets
      .toString('latin1')
      .replaceAll(/[\x80-\xff]|8bit/g, '')
      .replaceAll(/x{600}/g, 'x'),
    'latin1',
  ),
);

fuzz('a 7-bit message is unchanged', [sevenBit, cutting], async (octets, cut) => {
  const recoded = await recode(cut(octets));
  if (!isRefusal(recoded)) expect(recoded.toString()).toBe(octets.toString());
});

const unit = fc.constantFrom(
  String.raw`\"`,
  'ü',
  'x',
  ' ',
  '-',
  '--a',
  '\r\n',
  '\r\n--a\r\n',
  '\r\n--a ',
  '"',
  '=',
  '(',
  ';n="ü',
);

const boundaryA = 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n';
const start = fc.constantFrom(
  boundaryA,
  'Content-Transfer-Encoding: quoted-printable\r\n\r\n',
  `${boundaryA}A: `,
  `${boundaryA}From: `,
  `${boundaryA}Content-Type: a/b`,
);

fuzz(
  'the work is linear in the size of the message',
  [start, fc.array(unit, { minLength: 1, maxLength: 3 })],
  (before, units) => {
    expectLinear((size) => Buffer.from(before + units.join('').repeat(size)), recodeAtOnce);
  },
  5,
);

function recodeAtOnce(octets: Buffer): void {
  try {
    const scanner = createScanner();
    scanner.push(octets);
    const writer = createSevenBitWriter(scanner.finish(), () => undefined);
    writer.push(octets);
    writer.finish();
  } catch (error) {
    if (!(error instanceof CannotRecode)) throw error;
  }
}
