import { expect, test } from 'vitest';
import { hashRecoveryCode, newRecoveryCodes, newSecret } from '../src/people/secrets.ts';

test('a secret has 256 random bits and is stored as a hash', () => {
  const { secret, hash } = newSecret('mysmtp_session_');
  expect(secret).toMatch(/^mysmtp_session_[\w-]{43}$/);
  expect(hash).toMatch(/^[\w-]{43}$/);
  expect(secret).not.toContain(hash);
  expect(newSecret().secret).not.toBe(newSecret().secret);
});

test('there are ten recovery codes of 140 random bits', () => {
  const codes = newRecoveryCodes();
  expect(codes).toHaveLength(10);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){6}$/);
});

test('case, spaces and hyphens of an entered recovery code do not matter', () => {
  const [code = ''] = newRecoveryCodes();
  const entered = ` ${code.toUpperCase().replaceAll('-', ' ')}`;
  expect(hashRecoveryCode(entered)).toBe(hashRecoveryCode(code));
  expect(hashRecoveryCode(code.slice(0, -1))).not.toBe(hashRecoveryCode(code));
});
