import { expect, test } from 'vitest';
import { BusyError, createPasswords, refusalOf } from '../src/people/passwords.ts';

const address = 'jane.doe@example.org';

test.each([
  ['seven77', 'must have at least 8 characters'],
  // Six characters in 24 octets.
  ['🐎🐎🐎🐎🐎🐎', 'must have at least 8 characters'],
  ['password', 'is on the list of breached passwords'],
  ['PassWord', 'is on the list of breached passwords'],
  ['qwertyuiop', 'is on the list of breached passwords'],
  ['Jane.Doe@example.org', 'must not be the address'],
  ['jane.doe', 'must not be the address'],
  ['x'.repeat(257), 'must have at most 256 characters'],
])('%j is refused (ASVS 6.2)', async (password, reason) => {
  expect(await refusalOf(password, address)).toBe(reason);
});

test.each([
  'tandem-9',
  'correct horse battery staple',
  ' leading and trailing spaces count ',
  'пароль из нескольких слов',
  'only-lower-case-letters',
  `${'long '.repeat(51)}.`,
])(
  '%j is accepted: no rules of composition, 64 characters and more (ASVS 6.2.5, 6.2.9)',
  async (password) => {
    expect(await refusalOf(password, address)).toBeUndefined();
  },
);

test('a hash is argon2id with its parameters, and verifies only its password', async () => {
  const passwords = await createPasswords();
  const stored = await passwords.hash('tandem-9 ');
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.hash('tandem-9 ')).not.toBe(stored);
  expect(await passwords.verify(stored, 'tandem-9 ')).toBe(true);
  // Nothing is trimmed, folded or cut off (ASVS 6.2.8).
  for (const other of ['tandem-9', 'Tandem-9 ', 'tandem-9  ', '']) {
    expect(await passwords.verify(stored, other)).toBe(false);
  }
  expect(await passwords.verify(undefined, 'tandem-9 ')).toBe(false);
});

test('a character in any of its Unicode forms is the same', async () => {
  const passwords = await createPasswords();
  const stored = await passwords.hash('Blütenstaub'.normalize('NFD'));
  expect(await passwords.verify(stored, 'Blütenstaub'.normalize('NFC'))).toBe(true);
});

test('a flood of passwords is refused beyond a limit, and the rest is answered', async () => {
  const passwords = await createPasswords();
  const results = await Promise.allSettled(
    Array.from({ length: 200 }, () => passwords.verify(undefined, 'tandem-9')),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(100);
  expect(refused.length).toBeLessThan(200);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(BusyError);
  expect(await passwords.verify(undefined, 'tandem-9')).toBe(false);
});
