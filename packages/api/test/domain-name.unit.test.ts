import { expect, test } from 'vitest';
import { domainName } from '../src/schemas/domain-name.ts';

test.each([
  ['example.org', 'example.org'],
  ['MAIL.Example.ORG', 'mail.example.org'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
])('%s is the domain %s', (text, name) => {
  expect(domainName(text)).toBe(name);
});

test.each([
  '',
  'localhost',
  'example.org.',
  '.example.org',
  'a..example',
  '-a.example',
  'a-.example',
  'a_b.example',
  '192.0.2.1',
  '0x7f.1',
  '[192.0.2.1]',
  '2001:db8::1',
  'user@example.org',
  'example.org/path',
  'ex%61mple.org',
  'example.org:25',
  'example.org\r\nX: y',
  'exa mple.org',
  `${'a'.repeat(64)}.example`,
  `${'a.'.repeat(124)}example`,
])('%j is no domain (RFC 1035 2.3.4, RFC 5321 4.1.2)', (text) => {
  expect(domainName(text)).toBeUndefined();
});
