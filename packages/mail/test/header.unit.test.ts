import { expect, test } from 'vitest';
import {
  countReceived,
  domainOf,
  fieldValue,
  fromAddresses,
  headerFields,
  splitHeaderBlock,
} from '../src/index.ts';

test('fields keep their octets, folding included', () => {
  const header = Buffer.from('Received: a\r\n\tb\r\nSubject:  x\r\n  y\r\nRECEIVED: c\r\n');
  const fields = headerFields(header) ?? [];
  expect(fields.map((field) => field.name)).toEqual(['received', 'subject', 'received']);
  expect(fields.map((field) => field.raw).join('')).toBe(header.toString());
  expect(fields.map(fieldValue)).toEqual(['a\tb', 'x  y', 'c']);
  expect(countReceived(fields)).toBe(2);
  expect(headerFields(Buffer.alloc(0))).toEqual([]);
});

test.each([
  ' starts with a continuation\r\n',
  'no colon here\r\n',
  'Space before : colon\r\n',
  'Ünicode: name\r\n',
  ': nothing\r\n',
  'A: b\r\nnot a field\r\nC: d\r\n',
])('%j is not a header', (header) => {
  expect(headerFields(Buffer.from(header, 'latin1'))).toBeUndefined();
});

test('values are read as UTF-8', () => {
  const [field] = headerFields(Buffer.from('From: Jörg <a@example.org>\r\n')) ?? [];
  expect(field && fieldValue(field)).toBe('Jörg <a@example.org>');
});

test('blanks before the colon belong to neither name nor value', () => {
  const [field] = headerFields(Buffer.from('From \t: a@example.org\r\n')) ?? [];
  expect(field?.name).toBe('from');
  expect(field && fieldValue(field)).toBe('a@example.org');
});

test('octets that are not UTF-8 are read as windows-1252', () => {
  const [field] = headerFields(Buffer.from('A: \xf6 \x80\r\n', 'latin1')) ?? [];
  expect(field && fieldValue(field)).toBe('ö €');
});

test('header block and body', () => {
  const parted = (text: string) => {
    const { header, body } = splitHeaderBlock(Buffer.from(text));
    return [header.toString(), body.toString()];
  };
  expect(parted('A: b\r\n\r\nbody')).toEqual(['A: b\r\n', 'body']);
  expect(parted('\r\nbody\r\n\r\n')).toEqual(['', 'body\r\n\r\n']);
  expect(parted('A: b\r\n')).toEqual(['A: b\r\n', '']);
});

test.each([
  ['a@example.org', ['a@example.org']],
  ['"A, B" <a@example.org>, b@example.net', ['a@example.org', 'b@example.net']],
  ['Group: a@example.org, b@example.net;', ['a@example.org', 'b@example.net']],
  ['"x@evil.test" <a@example.org>', ['a@example.org']],
  ['(x@evil.test) a@example.org', ['a@example.org']],
  ['"a,b"@example.org', ['"a,b"@example.org']],
  ['Jörg <jörg@müller.example>', ['jörg@müller.example']],
  ['=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <a@example.org>', ['a@example.org']],
  ['=?utf-8?q?=22x=40evil=2Etest=22?= <a@example.org>', ['a@example.org']],
])('the addresses in From: %s', (value, addresses) => {
  expect(fromAddresses(value)).toEqual(addresses);
});

test.each([
  'x@evil.test <a@example.org>',
  '<a@example.org> <x@evil.test>',
  '<a@example.org> x@evil.test',
  'a@example.org x@evil.test',
  'x@evil.test, a@example.org',
  '"a" x@evil.test <a@example.org>',
  'Group: x@evil.test; a@example.org',
  'a@example.org, x@evil.te()st',
  'x@evil. test',
  'x@evil (a).test',
  'x@evil(").test, a@example.org("a)',
  'x@evil(.test',
  'x@evil).test',
  '(() x@evil.test;) a@example.org',
  String.raw`(\) x@evil.test;) a@example.org`,
  // Many readers decode before they look for addresses.
  '=?utf-8?q?x=40evil=2Etest?= <a@example.org>',
  '=?UTF-8?B?eEBldmlsLnRlc3Q=?= <a@example.org>',
  'Boss =?iso-8859-1?q?=3Cx=40evil=2Etest=3E_?= =?utf-8?q?b?= <a@example.org>',
  '=?utf-8?q?x=40ev?= =?utf-8?q?il=2Etest?= <a@example.org>',
  '=?utf-8?q?=22x=40evil=2Etest=22=2C?= <a@example.org>',
  // Only the characters of a local part.
  '=?utf-8?q?x=40evil=2Etest?==?utf-8?q?=2C?=a@example.org',
  'Boss <=?utf-8?q?x=40evil=2Etest=2C?=a@example.org>',
])('no address can be hidden in From: %s', (value) => {
  expect(fromAddresses(value)).toContain('x@evil.test');
});

test('no domain can be hidden behind a quote without an end', () => {
  const addresses = fromAddresses('a@example.org"@evil.test');
  expect(addresses?.map(domainOf)).toContain('evil.test');
});

test.each([
  ['a@example.org (', ['a@example.org']],
  ['Somebody (of (our) office) <a@example.org>', ['a@example.org']],
  ['a@example.org (not x@evil.test)', ['a@example.org']],
])('a comment does not affect From: %s', (value, addresses) => {
  expect(fromAddresses(value)).toEqual(addresses);
});

test.each(['', 'nobody', '<>', 'undisclosed:;', 'a@example.org, nobody'])(
  'From: %j has an entry without an address',
  (value) => {
    expect(fromAddresses(value)).toBeUndefined();
  },
);

test('a hostile From: is read quickly', () => {
  const started = performance.now();
  fromAddresses(String.raw`"\"`.repeat(80_000));
  fromAddresses('a'.repeat(250_000));
  fromAddresses('"'.repeat(8_000));
  expect(performance.now() - started).toBeLessThan(1_000);
});
