import { expect, test } from 'vitest';
import { hashPassword, newPassword, newUsername } from '../src/credentials/secret.ts';

test('a password has 160 random bits, a user name contains no information', () => {
  expect(newPassword()).toMatch(/^[a-z2-7]{32}$/);
  expect(newUsername()).toMatch(/^mys_[a-z2-7]{16}$/);
  expect(new Set(Array.from({ length: 1_000 }, newPassword)).size).toBe(1_000);
});

test('every letter is about equally likely', () => {
  const counts = new Map<string, number>();
  for (const letter of Array.from({ length: 2_000 }, newPassword).join('')) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(400);
});

test('the stored value is SHA-256 in base64url', () => {
  expect(hashPassword('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
});
