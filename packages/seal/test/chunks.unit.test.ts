import { createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { chunkSize, createChunkSealer, open, openChunk, SealError } from '../src/index.ts';

const key = createSecretKey(randomBytes(32));
const context = { tenant: 't1', keyId: 'mail:2026-11-24', record: 'spool:1' };

/** Seals `plain` in pieces of `step` octets, as a socket would deliver it. */
function sealed(plain: Buffer, step = 65_536): Buffer[] {
  const sealer = createChunkSealer(key, context);
  const chunks: Buffer[] = [];
  for (let at = 0; at < plain.length; at += step) {
    chunks.push(...sealer.push(plain.subarray(at, at + step)));
  }
  return [...chunks, sealer.finish()];
}

const opened = (chunks: readonly Buffer[]) =>
  Buffer.concat(
    chunks.map((chunk, index) =>
      openChunk(key, context, { index, last: index === chunks.length - 1 }, chunk),
    ),
  );

test.each([
  [0, 1],
  [1, 1],
  [chunkSize - 1, 1],
  [chunkSize, 1],
  [chunkSize + 1, 2],
  [chunkSize * 3, 3],
  [chunkSize * 3 + 7, 4],
])('a stream of %i octets makes %i chunks and opens again', (size, count) => {
  const plain = randomBytes(size);
  for (const step of [1_000, 65_536, size + 1]) {
    const chunks = sealed(plain, step);
    expect(chunks.length).toBe(count);
    expect(opened(chunks).equals(plain)).toBe(true);
  }
});

test('chunks reordered, cut off, added or doubled do not open', () => {
  const [a, b, c] = sealed(randomBytes(chunkSize * 2 + 5));
  const other = sealed(randomBytes(10))[0];
  if (a === undefined || b === undefined || c === undefined || other === undefined) {
    throw new Error('expected three chunks and another');
  }
  for (const chunks of [
    [b, a, c],
    [a, b],
    [a, c],
    [a, b, c, c],
    [a, b, c, other],
    [a, a, b, c],
  ]) {
    expect(() => opened(chunks)).toThrow(SealError);
  }
});

test('a chunk is no whole value, under any name', () => {
  const [only] = sealed(randomBytes(10));
  if (only === undefined) throw new Error('expected a chunk');
  expect(() => open(key, { tenant: 't1', record: 'spool:1#0' }, only)).toThrow(SealError);
});
