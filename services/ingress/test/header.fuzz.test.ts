import { isAscii, isUtf8 } from 'node:buffer';
import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import PostalMime, { addressParser, decodeWords } from 'postal-mime';
import { expect } from 'vitest';
import { prepareHeader, type HeaderContext } from '../src/intake/header.ts';

const context: Omit<HeaderContext, 'smtputf8'> = {
  id: 'an-id',
  at: 0,
  smtpName: 'relay.example.org',
  protocol: 'ESMTPSA',
  findDomain: (domain) => (domain === 'ours.example' ? { id: 'd', signing: 'ours' } : undefined),
  admitsAuthor: () => true,
  unsubscribeUrl: () => undefined,
};

const names = fc.constantFrom(
  'From',
  'From ',
  'Subject',
  'To',
  'Bcc',
  'Bcc\t',
  'Date',
  'Message-ID',
  'Content-Type',
  'X',
);
const pieces = fc.oneof(
  fc.constantFrom('a@ours.example', '<a@ours.example>', 'x@theirs.example', '<x@theirs.example>'),
  fc.constantFrom(
    '=?utf-8?q?x=40theirs=2Eexample?=',
    '=?utf-8?q?=22?=',
    '=?utf-8?q?=2C?=',
    'ü',
    '\xff',
  ),
  fc.constantFrom('"', '\\', '(', ')', '<', '>', ',', ';', ':', '@', ' ', '\t', '\r\n ', 'a', '.'),
);
const value = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''));
const field = fc.tuple(names, value).map(([name, text]) => `${name}: ${text}\r\n`);
const author = fc.oneof(
  { arbitrary: value.map((text) => `From: ${text} <a@ours.example>\r\n`), weight: 3 },
  { arbitrary: field, weight: 1 },
);
const header = fc.tuple(
  author,
  fc.array(field, { maxLength: 6 }),
  fc.constantFrom('utf8', 'latin1'),
);

fuzz(
  'a header that is passed on is valid for every server, and every parser finds an author of our domain',
  [header, fc.boolean()],
  async ([first, more, encoding], smtputf8) => {
    const given = Buffer.from([first, ...more].join(''), encoding);
    const prepared = prepareHeader(given, { ...context, smtputf8 });
    if ('code' in prepared) return;
    const { octets, isUtf8: needsUtf8 } = prepared;
    expect(isAscii(octets)).toBe(!needsUtf8);
    expect(isUtf8(octets)).toBe(true);
    if (!smtputf8) expect(needsUtf8).toBe(false);
    for (const line of octets.toString('latin1').split('\r\n')) {
      expect(line.length).toBeLessThanOrEqual(998);
    }
    const { headers } = await PostalMime.parse(octets);
    const keys = headers.map(({ key }) => key);
    for (const once of ['from', 'to', 'subject', 'date', 'message-id']) {
      expect(keys.filter((key) => key === once).length).toBeLessThanOrEqual(1);
    }
    expect(keys).toEqual(expect.arrayContaining(['from', 'date', 'message-id']));
    expect(keys).not.toContain('bcc');
    const from = headers.find(({ key }) => key === 'from')?.value ?? '';
    // Parsers that decode after parsing, and parsers that decode before.
    for (const text of [from, decodeWords(from)]) {
      for (const { address = '' } of addressParser(text, { flatten: true })) {
        if (/.@[a-z.]+$/.test(address)) expect(address).toMatch(/@ours\.example$/);
      }
    }
  },
  1_000,
);

fuzz(
  'the time to prepare a header is linear in its length',
  [fc.array(field, { minLength: 1, maxLength: 2 })],
  (fields) => {
    const repeated = (size: number) =>
      Buffer.from(`From: a@ours.example\r\n${fields.join('').repeat(size / 16)}`);
    expectLinear(repeated, (octets) => prepareHeader(octets, { ...context, smtputf8: true }));
  },
  5,
);
