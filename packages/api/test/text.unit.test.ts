import { expect, test } from 'vitest';
import { EmailAddress, line } from '../src/schemas/text.ts';

test.each([
  ['jane@example.org', true],
  ['jane+mail@bücher.example', true],
  ['jané@example.org', true],
  // Found by the contract tester, which e2e/18-contract runs.
  ['0@0.com*', false],
  ['jane@exa]mple.org', false],
  ['jane@example.org~x', false],
  ['jane@exa_mple.org', false],
  ['jane@-example.org', false],
  ['jane@example..org', false],
  ['jane@example.org.', false],
  ['jane@localhost', false],
  ['jane@[192.0.2.1]', false],
  ['jane@192.0.2.1', false],
  ['jane@example.org,john@example.org', false],
])('%s is an email address: %s', (address, expected) => {
  expect(EmailAddress.safeParse(address).success).toBe(expected);
});

test('the length of a text is that of what was sent, as the document says', () => {
  expect(line(5).safeParse('  a  ').data).toBe('a');
  expect(line(5).safeParse('  a   ').success).toBe(false);
  expect(line(5).safeParse('     ').success).toBe(false);
});
