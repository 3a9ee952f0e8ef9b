import { expect, test } from 'vitest';
import { packBatch, unpackBatch } from '../src/index.ts';

const headersOf = (id: string) => ({ v: 1, id, tenant: 'tenant-1', kind: 'message' }) as const;
const inPieces = <Item extends { content: Buffer }>({ content, ...item }: Item) => ({
  ...item,
  content: [content.subarray(0, 1), content.subarray(1)],
});
const items = [
  { headers: { ...headersOf('a'), credential: 'printer' }, content: Buffer.from([0, 255, 10]) },
  { headers: headersOf('ä'), content: Buffer.alloc(0) },
  { headers: headersOf('c'), content: Buffer.alloc(70_000, 'x') },
];

test('a batch has each message with its headers, octet for octet', () => {
  expect(unpackBatch(packBatch(items.map(inPieces)))).toEqual(items);
});

test('a header that a newer release adds is read', () => {
  const later = { ...headersOf('a'), priority: 3 };
  expect(unpackBatch(packBatch([{ headers: later, content: [Buffer.from('x')] }]))).toEqual([
    { headers: later, content: Buffer.from('x') },
  ]);
});

test('a batch that is cut off anywhere but between two messages is not read', () => {
  const packed = packBatch(items.slice(0, 2).map(inPieces));
  const first = packBatch(items.slice(0, 1).map(inPieces)).length;
  for (let end = 1; end < packed.length; end += 1) {
    if (end !== first) expect(() => unpackBatch(packed.subarray(0, end))).toThrow();
  }
});

test.each([
  ['octets that are no batch', Buffer.from('not a batch')],
  ['headers that are no object', Buffer.from([0, 1, 0x37, 0, 0, 0, 0])],
])('%s are not read', (_what, octets) => {
  expect(() => unpackBatch(octets)).toThrow();
});
