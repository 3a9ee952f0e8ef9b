import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import {
  asciiDomain,
  checkAddress,
  fromAddresses,
  isAscii,
  splitAddress,
  withAsciiDomain,
} from '../src/index.ts';

const piece = fc.oneof(
  fc.constantFrom(
    '@',
    '.',
    '"',
    '\\',
    '<',
    '>',
    ',',
    ' ',
    '[',
    ']',
    '\r\n',
    '\0',
    '\u00ad',
    '\u3002',
  ),
  fc.constantFrom(
    'a',
    'B',
    'ü',
    'ß',
    'xn--',
    'example.org',
    '192.0.2.1',
    '\ud800',
    '\u0085',
    '\u2028',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const anything = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(''));

const atom = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~üΩ-]{1,12}$/u);
const dotString = fc.array(atom, { minLength: 1, maxLength: 3 }).map((atoms) => atoms.join('.'));
const quoted = fc
  .stringMatching(/^[ -~ü]{0,20}$/u)
  .map((text) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`);
const label = fc.stringMatching(/^[A-Za-z0-9üß]([A-Za-z0-9üß]{0,10}[A-Za-z0-9üß])?$/u);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

fuzz('an address is its local part, an @ and its domain', [anything], (text) => {
  const { localPart, domain } = splitAddress(text);
  expect(text.includes('@') ? `${localPart}@${domain}` : localPart).toBe(text);
  expect(domain.includes('@')).toBe(false);
});

fuzz(
  'an address that RFC 5321 and 6531 allow is accepted, and its A-label form differs only in the domain',
  [fc.oneof(dotString, quoted), domain],
  (localPart, domain) => {
    const address = `${localPart}@${domain}`;
    if (Buffer.byteLength(localPart) > 64) return;
    expect(checkAddress(address)).toBeUndefined();
    const ascii = withAsciiDomain(address);
    if (ascii === undefined) return;
    expect(splitAddress(ascii).localPart).toBe(localPart);
    expect(isAscii(splitAddress(ascii).domain)).toBe(true);
    expect(withAsciiDomain(ascii)).toBe(ascii);
  },
);

fuzz(
  'an accepted address cannot end a line or a command, or be two',
  [anything],
  (text) => {
    if (checkAddress(text) !== undefined) return;
    expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(254);
    const { localPart } = splitAddress(text);
    if (!localPart.startsWith('"')) expect(localPart).not.toMatch(/[\s<>()[\]\\,;:@"]/);
    else expect(localPart.slice(1, -1).replaceAll(/\\./g, '')).not.toMatch(/["\\]/);
    // As octets it is the same address: nothing is lost on the wire.
    expect(Buffer.from(text).toString()).toBe(text);
  },
  1_000,
);

fuzz('a domain in A-labels is unchanged, in any case', [anything], (text) => {
  const ascii = asciiDomain(text);
  if (ascii === undefined || text.startsWith('[')) return;
  expect(isAscii(ascii)).toBe(true);
  expect(ascii).not.toMatch(/[A-Z]/);
  expect(asciiDomain(ascii)).toBe(ascii);
});

fuzz('an accepted address in From: is found there', [dotString, domain], (localPart, domain) => {
  const address = `${localPart}@${domain}`;
  expect(fromAddresses(`Somebody <${address}>`)).toContain(address);
});

fuzz(
  'the time to parse an address is linear in its length',
  [fc.array(piece, { minLength: 1, maxLength: 3 })],
  (unit) => {
    const repeated = (size: number) => unit.join('').repeat(size);
    expectLinear(repeated, checkAddress);
    expectLinear(repeated, withAsciiDomain);
  },
  5,
);
