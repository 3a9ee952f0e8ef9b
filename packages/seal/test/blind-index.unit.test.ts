import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { addressIndex, blindIndex, domainIndex } from '../src/index.ts';

const bytes = randomBytes(32);
const key = createSecretKey(bytes);
const other = createSecretKey(randomBytes(32));

test('is HMAC-SHA-256 in base64url', () => {
  const expected = createHmac('sha256', bytes).update('text').digest('base64url');
  expect(blindIndex(key, 'text')).toBe(expected);
  expect(blindIndex(other, 'text')).not.toBe(expected);
});

test('an address matches in any case of its domain, but not of its local part', () => {
  const index = addressIndex(key, 'Someone@example.org');
  expect(addressIndex(key, 'Someone@EXAMPLE.org')).toBe(index);
  expect(addressIndex(key, 'someone@example.org')).not.toBe(index);
  expect(addressIndex(key, 'Someone+tag@example.org')).not.toBe(index);
});

test('only the last @ separates local part and domain', () => {
  expect(addressIndex(key, '"A@B"@EXAMPLE.org')).toBe(addressIndex(key, '"A@B"@example.org'));
  expect(addressIndex(key, '"A@B"@example.org')).not.toBe(addressIndex(key, '"A@b"@example.org'));
});

test('a domain and an address never have the same index', () => {
  expect(domainIndex(key, 'Example.ORG')).toBe(domainIndex(key, 'example.org'));
  expect(domainIndex(key, 'example.org')).not.toBe(addressIndex(key, 'example.org'));
});
