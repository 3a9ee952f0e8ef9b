import { expect, test } from 'vitest';
import {
  asciiDomain,
  checkAddress,
  domainOf,
  splitAddress,
  withAsciiDomain,
} from '../src/index.ts';

test('an address is split at its last @', () => {
  expect(splitAddress('"a@b"@example.org')).toEqual({ localPart: '"a@b"', domain: 'example.org' });
  expect(splitAddress('postmaster')).toEqual({ localPart: 'postmaster', domain: '' });
  expect(domainOf('a@EXAMPLE.org')).toBe('EXAMPLE.org');
});

test('domains become A-labels, local parts are unchanged', () => {
  expect(asciiDomain('Müller.example')).toBe('xn--mller-kva.example');
  expect(asciiDomain('EXAMPLE.org')).toBe('example.org');
  expect(asciiDomain('[192.0.2.1]')).toBe('[192.0.2.1]');
  expect(withAsciiDomain('Jörg@müller.example')).toBe('Jörg@xn--mller-kva.example');
  expect(withAsciiDomain('A@Example.org')).toBe('A@Example.org');
  expect(withAsciiDomain('a@\u00ad.example')).toBeUndefined();
});

test.each(['/', '?', '#', '\\', '%41', '\t', '\u2028'])('no domain ends at %j', (text) => {
  expect(asciiDomain(`müller.example${text}.test`)).toBeUndefined();
});

test.each([
  'a@example.org',
  '"a,b"@example.org',
  String.raw`"a\"b"@example.org`,
  "o'brien+tag@example.org",
  'jörg@example.org',
  'a@[192.0.2.1]',
  'a..b@example.org',
  'a.@example.org',
  '.a@example.org',
  '"odd user"@example.org',
  '"x@victim.example"@example.org',
  'x@ex_ample.org',
  `${'a'.repeat(64)}@example.org`,
])('%s is taken', (address) => {
  expect(checkAddress(address)).toBeUndefined();
});

test.each([
  ['a\r\nb@example.org', 'a line end'],
  ['a\0@example.org', 'NUL'],
  ['a\u0085@example.org', 'a C1 control'],
  ['a\u2028@example.org', 'a line separator'],
  ['a\ufffd@example.org', 'octets that were not UTF-8'],
  ['a\ud800@example.org', 'an unpaired surrogate'],
  ['x@y.test,q@example.org', 'a second address'],
  ['a b@example.org', 'a space outside quotes'],
  ['a<b@example.org', 'an angle bracket'],
  ['"a"b"@example.org', 'a quote inside quotes'],
  ['postmaster', 'no domain'],
  [`${'a'.repeat(65)}@example.org`, 'a long local part'],
  [`${'ü'.repeat(33)}@example.org`, 'a local part long in octets'],
  [`a@${'b'.repeat(64)}.org`, 'a long label'],
  [`a@${'b.'.repeat(130)}org`, 'a long address'],
])('%j is refused: %s', (address) => {
  expect(checkAddress(address)?.code).toBe(553);
});
