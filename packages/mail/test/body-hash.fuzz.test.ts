import { createHash } from 'node:crypto';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import { expect } from 'vitest';
import { createRelaxedBodyHash } from '../src/index.ts';
import { hashOfMailauth } from './hash-of-mailauth.ts';
import { cutting, octetsOf } from './octets.ts';

// Whole lines and line ends only: ingress refuses a bare CR or LF, so no other octets occur.
const body = octetsOf(['\r\n', '\r\n\r\n', ' ', '\t', '  ', ' \r\n', 'x', 'ü', '.']).map((octets) =>
  Buffer.from(octets.toString('latin1').replaceAll(/\r(?!\n)|(?<!\r)\n/g, ''), 'latin1'),
);

function hash(chunks: readonly Buffer[]): string {
  const hasher = createRelaxedBodyHash();
  for (const chunk of chunks) hasher.update(chunk);
  return hasher.digest();
}

/** RFC 6376 3.4.4, sentence by sentence. */
function relaxed(octets: Buffer): Buffer {
  const text = octets
    .toString('latin1')
    .replaceAll(/[ \t]+(?=\r\n|$)/g, '')
    .replaceAll(/[ \t]+/g, ' ')
    .replace(/(\r\n)+$/, '');
  return Buffer.from(text === '' ? '' : `${text}\r\n`, 'latin1');
}

fuzz(
  'the hash is that of RFC 6376, for any chunks',
  [body, cutting],
  (octets, cut) => {
    const expected = createHash('sha256').update(relaxed(octets)).digest('base64');
    expect(hash(cut(octets))).toBe(expected);
  },
  2_000,
);

fuzz('the hash is that of mailauth', [body, cutting], async (octets, cut) => {
  expect(hash(cut(octets))).toBe(await hashOfMailauth(octets));
});
