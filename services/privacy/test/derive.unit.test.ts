import { createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkOf, deriveKey } from '../src/keyring/derive.ts';

const master = randomBytes(32);
const octets = randomBytes(32);
const root = createSecretKey(octets);

test('keys of a tenant are all different and always the same', () => {
  const made = [
    deriveKey('t1', 'account', master),
    deriveKey('t1', 'index', master),
    deriveKey('t1', 'mail:2026-11-24', master, root),
    deriveKey('t1', 'events:2026-11-24', master, root),
    deriveKey('t1', 'mail:2026-11-25', master, root),
    deriveKey('t2', 'mail:2026-11-24', master, root),
    deriveKey('t1', 'mail:2026-11-24', randomBytes(32), root),
    deriveKey('t1', 'mail:2026-11-24', master, createSecretKey(randomBytes(32))),
  ];
  expect(new Set(made.map((key) => key.toString('hex'))).size).toBe(made.length);
  expect(made.every((key) => key.length === 32)).toBe(true);
  expect(deriveKey('t1', 'account', master)).toEqual(made[0]);
});

test('is HKDF-SHA-256 over both secrets, bound to key id and tenant', () => {
  const expected = Buffer.from(
    hkdfSync('sha256', Buffer.concat([master, octets]), 'mysmtp keyring 1', 'mail:D\0t1', 32),
  );
  expect(deriveKey('t1', 'mail:D', master, root)).toEqual(expected);
});

test('check values of roots differ and do not contain the roots', () => {
  expect(checkOf(octets)).toBe(checkOf(Buffer.from(octets)));
  expect(checkOf(octets)).not.toBe(checkOf(master));
  expect(Buffer.from(checkOf(octets), 'base64url').equals(octets)).toBe(false);
});
