import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { takeKey } from '../src/index.ts';

test('the octets of a key are overwritten once the key is created', () => {
  const octets = randomBytes(32);
  const expected = Buffer.from(octets);
  expect(takeKey(octets).export()).toEqual(expected);
  expect(octets).toEqual(Buffer.alloc(32));
});
