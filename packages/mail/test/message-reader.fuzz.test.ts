import { isAscii } from 'node:buffer';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createMessageReader, headerLimit, splitHeaderBlock } from '../src/index.ts';
import { cutting, octetsOf } from './octets.ts';

const pieces = ['\r\n', '\r\n\r\n', '\r', '\n', '\0', ' ', '\t', '.', ':', 'A: b', 'ü', '\xff'];
const message = octetsOf([...pieces, 'x'.repeat(500), 'x'.repeat(998)]);
const clean = octetsOf(['\r\n', '\r\n\r\n', ' ', '.', 'A: b', 'ü', 'x'.repeat(300)]);

function read(chunks: readonly Buffer[]) {
  const reader = createMessageReader();
  const body: Buffer[] = [];
  for (const chunk of chunks) {
    const part = reader.push(chunk);
    if (part !== undefined) body.push(part);
  }
  reader.finish();
  return { reader, body: Buffer.concat(body) };
}

/** The rules of RFC 5321 2.3.8 and 4.5.3.1.6, without chunks. */
function isRefused(octets: Buffer): boolean {
  const text = octets.toString('latin1');
  const { header, body } = splitHeaderBlock(octets);
  return (
    /\r(?!\n)|(?<!\r)\n|\0/.test(text) ||
    body
      .toString('latin1')
      .split('\r\n')
      .some((line) => line.length > 998) ||
    header.length > headerLimit
  );
}

fuzz(
  'a message is refused only because of its octets, for any chunks',
  [fc.oneof(message, clean), cutting],
  (octets, cut) => {
    expect(read(cut(octets)).reader.problem() !== undefined).toBe(isRefused(octets));
  },
  2_000,
);

fuzz(
  'an accepted message is header, empty line and body, octet for octet, for any chunks',
  [clean, cutting],
  (octets, cut) => {
    const { reader, body } = read(cut(octets));
    if (reader.problem() !== undefined) return;
    const expected = splitHeaderBlock(octets);
    expect(reader.header()?.toString('latin1')).toBe(expected.header.toString('latin1'));
    expect(body.toString('latin1')).toBe(expected.body.toString('latin1'));
    expect(reader.isEightBit()).toBe(!isAscii(expected.body));
  },
  2_000,
);
