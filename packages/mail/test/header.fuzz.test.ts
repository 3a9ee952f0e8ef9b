import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { addressParser } from 'postal-mime';
import { expect } from 'vitest';
import {
  domainOf,
  fieldValue,
  fromAddresses,
  headerFields,
  splitHeaderBlock,
} from '../src/index.ts';
import { octetsOf } from './octets.ts';

const pieces = ['\r\n', '\r\n\r\n', '\r\n ', '\r\n\t', ':', 'From', 'A: b', ' ', 'ü', '\xff', 'x'];

fuzz(
  'a header block and a body together are the message',
  [octetsOf(pieces)],
  (octets) => {
    const { header, body } = splitHeaderBlock(octets);
    const whole = [header, Buffer.concat([header, Buffer.from('\r\n'), body])];
    expect(whole.some((one) => one.equals(octets))).toBe(true);
    expect(header.includes('\r\n\r\n')).toBe(false);
  },
  1_000,
);

fuzz(
  'the fields of a header together are the header, and each one has a name',
  [octetsOf(pieces)],
  (octets) => {
    const fields = headerFields(octets);
    if (fields === undefined) return;
    expect(fields.map(({ raw }) => raw).join('')).toBe(octets.toString('latin1'));
    for (const { name, raw } of fields) {
      expect(
        raw
          .toLowerCase()
          .replace(/^([^\t :]+)[\t ]+:/, '$1:')
          .startsWith(`${name}:`),
      ).toBe(true);
      expect(name).toMatch(/^[!-9;-~]+$/);
      // Another line that is no continuation would be another field.
      expect(raw.replace(/\r\n$/, '')).not.toMatch(/\r\n[^ \t]/);
    }
  },
  1_000,
);

const name = fc.stringMatching(/^[A-Za-z][A-Za-z-]{0,10}$/);
const value = fc.stringMatching(/^[!-~ü]{1,20}( [!-~ü]{1,20}){0,3}$/u);

fuzz(
  'a written header, folded or not, is read as intended',
  [fc.array(fc.tuple(name, value, fc.constantFrom(' ', '\r\n ')), { maxLength: 6 })],
  (fields) => {
    const text = fields.map(
      ([name, value, space]) => `${name}:${space}${value.replaceAll(' ', space)}\r\n`,
    );
    const read = headerFields(Buffer.from(text.join('')));
    expect(read?.map((field) => [field.name, fieldValue(field)])).toEqual(
      fields.map(([name, value]) => [name.toLowerCase(), value]),
    );
  },
);

const mailbox = fc.stringMatching(/^[a-z]{1,6}@(ours|theirs)\.example$/);
const from = fc
  .array(
    fc.oneof(
      mailbox,
      fc.constantFrom('ours.example', 'theirs.example', '()', '((a))', '.', ' . '),
      fc.constantFrom(
        '<',
        '>',
        '"',
        ',',
        ';',
        ':',
        '(',
        ')',
        ' ',
        '\\',
        '@',
        'a',
        '=?utf-8?q?a=40b?=',
      ),
    ),
    { maxLength: 15 },
  )
  .map((parts) => parts.join(''));
const isOurs = (address: string) => domainOf(address) === 'ours.example';

fuzz(
  'if each address in From: is ours, no other parser finds a foreign one',
  [from],
  (text) => {
    if (fromAddresses(text)?.every(isOurs) !== true) return;
    for (const { address = '' } of addressParser(text, { flatten: true })) {
      // A text that is no domain belongs to no other party.
      if (/@[a-z.]+$/.test(address)) expect(address).toSatisfy(isOurs);
    }
  },
  1_000,
);

fuzz(
  'a written list of mailboxes is read as intended',
  [
    fc.array(fc.tuple(fc.stringMatching(/^[a-z ü,@"\\]{0,10}$/u), mailbox), {
      minLength: 1,
      maxLength: 5,
    }),
  ],
  (mailboxes) => {
    const text = mailboxes.map(
      ([name, address]) => `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}" <${address}>`,
    );
    expect(fromAddresses(text.join(', '))).toEqual([
      ...new Set(mailboxes.map(([, address]) => address)),
    ]);
  },
);

fuzz(
  'the time to read From: and a header is linear in their length',
  [
    fc.array(
      fc.constantFrom('"', '\\', '(', ')', '<', '>', ',', ';', ':', '@', 'a', ' ', '\r\n', '\r\n '),
      { minLength: 1, maxLength: 3 },
    ),
  ],
  (unit) => {
    const text = unit.join('');
    expectLinear((size) => Buffer.from(text.repeat(size)), headerFields);
    expectLinear((size) => text.repeat(size), fromAddresses);
  },
  5,
);
