import { expect, test } from 'vitest';
import { classify, parseEnhancedCode, replies, scrubReply } from '../src/index.ts';

test('our replies have enhanced codes of their own class', () => {
  for (const reply of Object.values(replies)) {
    expect(reply.enhanced.startsWith(String(reply.code).slice(0, 1)), reply.text).toBe(true);
    expect(parseEnhancedCode(`${reply.enhanced} ${reply.text}`)).toBe(reply.enhanced);
  }
});

test('5yz is permanent, anything else transient', () => {
  expect([421, 450, 550, 599, 250, 0].map(classify)).toEqual([
    'transient',
    'transient',
    'permanent',
    'permanent',
    'transient',
    'transient',
  ]);
});

test.each([
  ['550 5.1.1 no such user', '5.1.1'],
  ['550-5.7.26 first line', '5.7.26'],
  ['4.7.1 later', '4.7.1'],
  ['550 no code', null],
  ['see 5.1.1 below', null],
  ['550 5.1.1234 no', null],
])('enhanced code of %j', (text, code) => {
  expect(parseEnhancedCode(text)).toBe(code);
});

test.each([
  ['550 5.1.1 <alice@example.org>: unknown', '550 5.1.1 <address>: unknown'],
  [
    '5.1.1 The account ALICE@Example.ORG does not exist',
    '5.1.1 The account <address> does not exist',
  ],
  ['no mailbox alice here', 'no mailbox <address> here'],
  ['mail for example.org not accepted', 'mail for <domain> not accepted'],
  ['see alice=example.org@bounces.example.net', 'see <address>'],
  ['rejected "a b"@other.test ok', 'rejected <address> ok'],
  ['line\r\nend\u0000 and\u2028more', 'line end and more'],
  ['malicea stays', 'malicea stays'],
])('%j is scrubbed', (text, scrubbed) => {
  expect(scrubReply(text, ['alice@example.org'])).toBe(scrubbed);
});

test.each([
  // Words of a reply are no address, even if they are a local part.
  ['support', 'Please contact support', 'Please contact support'],
  ['support', 'support@example.org: contact support', '<address>: contact support'],
  ['mail', 'mail for example.org not accepted', 'mail for <domain> not accepted'],
  ['user', '5.1.1 User unknown', '5.1.1 User unknown'],
  ['Info', 'see https://mx.example/INFO for info', 'see https://mx.example/INFO for info'],
  ['no-reply', 'sent from a no-reply mailbox', 'sent from a no-reply mailbox'],
  // They are removed if the reply names the mailbox.
  ['support', 'User support unknown', 'User <address> unknown'],
  ['support', 'mailbox: support is full', 'mailbox: <address> is full'],
  ['support', 'no <support> here, "SUPPORT" neither', 'no <address> here, "<address>" neither'],
  ['support', 'Account supporting is full', 'Account supporting is full'],
  // Any other word is a personal name, or may be one.
  ['jane.doe', 'User jane.doe unknown', 'User <address> unknown'],
  ['jane.doe', 'we know no Jane.Doe', 'we know no <address>'],
  ['jane', 'please ask jane', 'please ask <address>'],
  ['will', 'will is not here', '<address> is not here'],
  ['mark7', 'over quota: mark7', 'over quota: <address>'],
  ['support.de', 'contact support.de', 'contact <address>'],
])('of the mailbox %s the reply %j reveals no more than %j', (localPart, text, scrubbed) => {
  expect(scrubReply(text, [`${localPart}@example.org`])).toBe(scrubbed);
});

test('our own replies are unchanged, for any recipient', () => {
  for (const { text } of Object.values(replies)) {
    for (const word of text.match(/[\w-]+/g) ?? []) {
      // Also a name: privacy has priority.
      if (word === 'may') continue;
      expect(scrubReply(text, [`${word}@example.org`]), word).toBe(text);
    }
  }
});

test('given domains are scrubbed too, and the length is bounded', () => {
  expect(scrubReply('mx1.example.net says no', [], ['mx1.example.net'])).toBe('<domain> says no');
  expect(scrubReply('x'.repeat(10_000), []).length).toBe(500);
});

test('a hostile reply is scrubbed quickly', () => {
  const started = performance.now();
  scrubReply('"'.repeat(100_000), ['alice@example.org']);
  scrubReply('<a'.repeat(100_000), ['alice@example.org']);
  expect(performance.now() - started).toBeLessThan(1_000);
});
