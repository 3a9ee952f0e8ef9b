import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRelaxedBodyHash } from '../src/index.ts';
import { hashOfMailauth } from './hash-of-mailauth.ts';

function hash(body: Buffer, cuts: readonly number[] = []): string {
  const hasher = createRelaxedBodyHash();
  let at = 0;
  for (const cut of [...cuts, body.length]) {
    hasher.update(body.subarray(at, cut));
    at = cut;
  }
  return hasher.digest();
}

test('the body of the example in RFC 6376 3.4.5', () => {
  const canonical = createHash('sha256').update(' C\r\nD E\r\n').digest('base64');
  expect(hash(Buffer.from(' C \r\nD \t E\r\n\r\n\r\n'))).toBe(canonical);
});

test.each([
  ['nothing', ''],
  ['an empty line', '\r\n'],
  ['empty lines', '\r\n\r\n\r\n'],
  ['a line', 'text\r\n'],
  ['no line end', 'text'],
  ['space at the end', 'text  \r\n\r\n'],
  ['space at the start', '  leading\r\n'],
  ['tabs', 'a\tb\t\tc  d\r\n'],
  ['lines of space', 'a \t \r\n\r\n \t\r\nb\r\n \r\n'],
  ['UTF-8', 'ü ü  ü\r\n'],
  ['much text', `${'long text with words\r\n'.repeat(5_000)}\r\n\r\n`],
  ['many empty lines', `x${'\r\n'.repeat(3_000)}x\r\n`],
])('the same hash as mailauth: %s', async (_name, body) => {
  expect(hash(Buffer.from(body))).toBe(await hashOfMailauth(Buffer.from(body)));
});

test('the same for any chunks, and the same as mailauth', async () => {
  const alphabet = ['\r\n', ' ', '\t', '  ', 'x', 'yz', '\r\n\r\n', ' \r\n'];
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 300; round += 1) {
    const parts = Array.from({ length: random(20) }, () => alphabet[random(alphabet.length)]);
    const body = Buffer.from(parts.join(''));
    const expected = await hashOfMailauth(body);
    for (let cut = 0; cut <= body.length; cut += 1) expect(hash(body, [cut])).toBe(expected);
  }
});
