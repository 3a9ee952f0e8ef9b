import { expect, test } from 'vitest';
import { noCapabilities, type Capabilities } from '../src/capabilities.ts';
import { canBePath, mailCommand, rcptCommand, unsendable } from '../src/commands.ts';
import { envelope, message } from './client.ts';

const all: Capabilities = {
  ...noCapabilities,
  eightBitMime: true,
  smtpUtf8: true,
  dsn: true,
  requireTls: true,
  size: true,
  maxSize: 1_000,
};
const plain = envelope('a@example.org');

test.each([
  'a@b.c>\r\nRCPT TO:<x@y.z',
  'a\r@b.c',
  'a\n@b.c',
  'a\0@b.c',
  '"a>b"@c.d',
  '<a@b.c',
  'a\u007f@b.c',
])('%j is not allowed in a command', (address) => {
  expect(canBePath(address)).toBe(false);
  expect(unsendable({ ...plain, reversePath: address }, all, true)).toMatchObject({
    reason: 'bad_address',
    enhancedCode: '5.1.3',
    permanent: true,
  });
});

test.each(['a@b.c', '"a b"@c.d', '"a@b"@c.d', 'x,y@z.org', 'ä@ö.example', ''])(
  '%j is sent unchanged',
  (address) => {
    expect(canBePath(address)).toBe(true);
    expect(rcptCommand({ address }, noCapabilities)).toBe(`RCPT TO:<${address}>`);
  },
);

test.each([
  [{ smtpUtf8: true }, '5.6.7'],
  [{ reversePath: 'ä@example.org' }, '5.6.7'],
  [{ recipients: [{ address: 'ä@example.org' }] }, '5.6.7'],
  [{ eightBit: true }, '5.6.3'],
  [{ requireTls: true }, '5.7.30'],
])('%j needs an extension that the server does not offer: %s', (needs, enhancedCode) => {
  const needing = { ...plain, ...needs };
  expect(unsendable(needing, noCapabilities, true)).toMatchObject({
    stage: 'mail',
    reason: 'not_offered',
    enhancedCode,
    permanent: true,
  });
  expect(unsendable(needing, all, true)).toBeUndefined();
});

test('REQUIRETLS needs TLS with a valid certificate', () => {
  expect(unsendable({ ...plain, requireTls: true }, all, false)).toMatchObject({
    reason: 'not_offered',
    enhancedCode: '5.7.30',
    permanent: true,
  });
});

test('a message larger than the server accepts is not sent', () => {
  expect(unsendable({ ...plain, size: 1_001 }, all, true)).toMatchObject({
    reason: 'too_large',
    enhancedCode: '5.3.4',
    permanent: true,
  });
  expect(unsendable({ ...plain, size: 1_000 }, all, true)).toBeUndefined();
});

test('all parameters of MAIL and RCPT, if they are offered', () => {
  const full = {
    ...plain,
    smtpUtf8: true,
    eightBit: true,
    requireTls: true,
    dsn: { ret: 'HDRS', envelopeId: 'QQ=1' },
  } as const;
  expect(mailCommand(full, all)).toBe(
    `MAIL FROM:<sender@example.net> SIZE=${String(message.length)} BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=HDRS ENVID=QQ+3D1`,
  );
  const recipient = {
    address: 'a@example.org',
    notify: ['FAILURE', 'DELAY'],
    originalRecipient: { type: 'rfc822', address: 'a+b@example.com' },
  } as const;
  expect(rcptCommand(recipient, all)).toBe(
    'RCPT TO:<a@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@example.com',
  );
  expect(rcptCommand({ ...recipient, notify: 'NEVER' }, all)).toContain(' NOTIFY=NEVER ');
  expect(rcptCommand(recipient, noCapabilities)).toBe('RCPT TO:<a@example.org>');
  expect(mailCommand(plain, noCapabilities)).toBe('MAIL FROM:<sender@example.net>');
});

test.each([
  ['a=b+c', 'a+3Db+2Bc'],
  ['two words', 'two+20words'],
  ['<1@mx.example.org>', '<1@mx.example.org>'],
  ['x'.repeat(100), 'x'.repeat(100)],
])('the envelope id %j is %j in xtext', (envelopeId, encoded) => {
  expect(mailCommand({ ...plain, dsn: { envelopeId } }, all)).toBe(
    `MAIL FROM:<sender@example.net> SIZE=${String(message.length)} ENVID=${encoded}`,
  );
});

test.each(['a\r\nDATA', '', 'ä', '\0', 'x'.repeat(101), '='.repeat(34)])(
  '%j is no envelope id and is left out',
  (envelopeId) => {
    expect(mailCommand({ ...plain, dsn: { envelopeId } }, all)).not.toContain('ENVID');
  },
);

test.each([
  ['rfc822', 'a+b=c@example.com', 'rfc822;a+2Bb+3Dc@example.com'],
  ['rfc822', '"a b"@example.com', 'rfc822;"a+20b"@example.com'],
  ['rfc822', 'a\r\nDATA', 'rfc822;a+0D+0ADATA'],
  ['X400', '/c=de/', 'X400;/c+3Dde/'],
  ['utf-8', 'ä+1@😀.example', String.raw`utf-8;\x{E4}\x{2B}1@\x{1F600}.example`],
  ['utf-8', 'a\\=\n@b.c', String.raw`utf-8;a\x{5C}\x{3D}\x{0A}@b.c`],
])('the original recipient %s %j is %j', (type, address, encoded) => {
  const command = rcptCommand({ address: 'a@b.c', originalRecipient: { type, address } }, all);
  expect(command).toBe(`RCPT TO:<a@b.c> ORCPT=${encoded}`);
});

test.each([
  ['rfc822', 'ä@example.com'],
  ['rfc822', ''],
  ['', 'a@example.com'],
  ['a b', 'a@example.com'],
  ['rfc822', `${'x'.repeat(482)}@example.com`],
])('%j %j is no original recipient and is left out', (type, address) => {
  const command = rcptCommand({ address: 'a@b.c', originalRecipient: { type, address } }, all);
  expect(command).toBe('RCPT TO:<a@b.c>');
});
