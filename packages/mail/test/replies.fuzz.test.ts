import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { classify, parseEnhancedCode, scrubReply, splitAddress } from '../src/index.ts';

const digits = fc.nat({ max: 9_999 }).map(String);
const code = fc.oneof(fc.constantFrom('2', '4', '5'), digits);

fuzz(
  'an enhanced code is found at the position of RFC 2034, and only in the form of RFC 3463',
  [
    fc.constantFrom('', '250 ', '550-', '421 ', '650 ', '55 ', '550', ' '),
    fc.tuple(code, digits, digits),
    fc.constantFrom('', ' text', '\r\n550 more', 'x', '.1', '.'),
  ],
  (before, [kind, subject, detail], after) => {
    const isCode =
      /^([2-5]\d\d[ -])?$/.test(before) &&
      ['2', '4', '5'].includes(kind) &&
      subject.length < 4 &&
      detail.length < 4 &&
      /^($|\s)/.test(after);
    const enhanced = `${kind}.${subject}.${detail}`;
    expect(parseEnhancedCode(before + enhanced + after)).toBe(isCode ? enhanced : null);
  },
  1_000,
);

fuzz('any text yields a code in its form or none', [fc.string({ unit: 'binary' })], (text) => {
  expect(parseEnhancedCode(text) ?? '5.0.0').toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
});

fuzz('only 5yz is permanent', [fc.integer({ min: -1_000, max: 10_000 })], (code) => {
  expect(classify(code)).toBe(Math.floor(code / 100) === 5 ? 'permanent' : 'transient');
});

const localPart = fc.stringMatching(/^[a-z][a-z0-9!#$%&*+/=?^_{|}~.-]{2,11}$/);
const domain = fc.stringMatching(/^[a-z]{2,8}\.(example|test)$/);
const address = fc.tuple(localPart, domain).map((parts) => parts.join('@'));

/** A server's text: noise mixed with parts of an address, in the usual notations of servers. */
const words = fc.array(
  fc.oneof(
    fc.constantFrom(
      ' ',
      '<',
      '>',
      '"',
      ',',
      ':',
      '(',
      ')',
      '\r\n550 ',
      '\0',
      '  ',
      '.',
      'no',
      '$&',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom('ADDRESS', 'UPPER', 'LOCAL', 'DOMAIN').map((known) => `\n${known}\n`),
    fc.constantFrom('x'.repeat(400), 'y '.repeat(300)),
  ),
  { maxLength: 25 },
);

fuzz(
  'a scrubbed reply contains no address of the message, neither whole nor in half',
  [address, words],
  (known, parts) => {
    const { localPart, domain } = splitAddress(known);
    const text = parts
      .join('')
      .replaceAll('\nADDRESS\n', () => known)
      .replaceAll('\nUPPER\n', () => known.toUpperCase())
      // As a whole word: with adjacent letters it is another word.
      .replaceAll('\nLOCAL\n', () => ` ${localPart} `)
      .replaceAll('\nDOMAIN\n', () => ` ${domain} `);
    const scrubbed = scrubReply(text, [known]);
    expect(scrubbed.length).toBeLessThanOrEqual(500);
    expect(scrubbed).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(scrubbed.toLowerCase()).not.toContain(known);
    expect(` ${scrubbed} `).not.toContain(` ${localPart} `);
    expect(` ${scrubbed} `).not.toContain(` ${domain} `);
  },
  300,
);

/** Words of replies, some of them roles. */
const word: fc.Arbitrary<string> = fc.constantFrom(
  'support',
  'info',
  'no-reply',
  'message',
  'Unknown',
  'the',
  'SMTPUTF8',
);

fuzz(
  'words of a reply stay, even if they are a local part; the address does not',
  [word, domain, fc.array(word, { minLength: 1, maxLength: 20 }), fc.nat({ max: 20 })],
  (localPart, domain, sentence, at) => {
    const known = `${localPart}@${domain}`;
    expect(scrubReply(sentence.join(' '), [known])).toBe(sentence.join(' '));
    const mixed = sentence.toSpliced(at, 0, known);
    const scrubbed = scrubReply(mixed.join(' '), [known]);
    expect(scrubbed).toBe(sentence.toSpliced(at, 0, '<address>').join(' '));
    for (const cited of [`<${localPart}>`, `"${localPart}"`, `user ${localPart}`]) {
      expect(scrubReply(`${sentence.join(', ')}, ${cited}!`, [known])).not.toContain(cited);
    }
  },
);

fuzz(
  'an unknown address is removed as well, wherever the reply is cut off',
  [address, fc.nat({ max: 2_100 }), fc.constantFrom('x', 'y ', 'other@mail.example ')],
  (unknown, length, filler) => {
    const before = filler.repeat(Math.floor(length / filler.length));
    const scrubbed = scrubReply(`${before} <${unknown}> said no`, []);
    expect(scrubbed).not.toContain('@');
    // Four characters of the local part are enough to guess the rest.
    expect(scrubbed).not.toContain(`<${unknown.slice(0, 4)}`);
  },
  1_000,
);

fuzz('scrubbing a scrubbed reply changes nothing', [address, words], (known, parts) => {
  const scrubbed = scrubReply(parts.join(''), [known]);
  if (scrubbed.length < 480) expect(scrubReply(scrubbed, [known])).toBe(scrubbed);
});

fuzz(
  'the time to scrub a reply is linear in its length',
  [
    fc.array(fc.constantFrom('"', '<', '>', '@', 'a', '.', ' ', '5.1.1', '\r\n'), {
      minLength: 1,
      maxLength: 3,
    }),
  ],
  (unit) => {
    const repeated = (size: number) => unit.join('').repeat(size);
    expectLinear(repeated, (text) => scrubReply(text, ['a@a.a', '"@"@a.a'], ['a']));
    expectLinear(
      (size) => `user ${repeated(size)}`,
      (text) => scrubReply(text, ['user@a.a']),
    );
    expectLinear(repeated, parseEnhancedCode);
  },
  5,
);
