import { expect, test } from 'vitest';
import { capabilitiesOf, noCapabilities } from '../src/capabilities.ts';
import { createReplyParser } from '../src/reply-parser.ts';

function offered(...lines: string[]) {
  const all = ['mx.example.org', ...lines];
  const text = all.map((line, at) => `250${at === all.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
  const [reply] = createReplyParser().push(Buffer.from(text));
  if (reply === undefined || reply.code === null) throw new Error('one reply');
  return capabilitiesOf(reply);
}

test('the first line is a name, whatever its text', () => {
  const [reply] = createReplyParser().push(Buffer.from('250 STARTTLS\r\n'));
  if (reply === undefined || reply.code === null) throw new Error('one reply');
  expect(capabilitiesOf(reply)).toEqual(noCapabilities);
});

test('all extensions, in any case', () => {
  expect(
    offered(
      'pipelining',
      'Size 35882577',
      'STARTTLS',
      '8BITMIME',
      'SMTPUTF8 ',
      'ENHANCEDSTATUSCODES',
      'DSN',
      'CHUNKING',
      'REQUIRETLS',
      'LIMITS RCPTMAX=20 MAILMAX=5 rcptdomainmax=1',
      'AUTH PLAIN LOGIN',
    ),
  ).toEqual({
    startTls: true,
    pipelining: true,
    eightBitMime: true,
    smtpUtf8: true,
    enhancedStatusCodes: true,
    dsn: true,
    requireTls: true,
    chunking: true,
    size: true,
    maxSize: 35_882_577,
    limits: { mailMax: 5, rcptMax: 20, rcptDomainMax: 1 },
  });
});

test('a word within another one is no extension', () => {
  expect(offered('XSTARTTLS', 'STARTTLSX', 'X PIPELINING', '8BITMIME=1')).toEqual(noCapabilities);
});

test.each([
  ['SIZE', null],
  ['SIZE 0', null],
  ['SIZE x', null],
  ['SIZE -1', null],
  ['SIZE 1000', 1_000],
])('%j states the maximum %j', (line, maxSize) => {
  expect(offered(line)).toMatchObject({ size: true, maxSize });
});

test.each([
  'LIMITS',
  'LIMITS RCPTMAX',
  'LIMITS RCPTMAX=',
  'LIMITS RCPTMAX=0',
  'LIMITS RCPTMAX=05',
  'LIMITS RCPTMAX=1000000',
  'LIMITS RCPTMAX=5x',
  'LIMITS XRCPTMAX=5',
])('%j states no limit', (line) => {
  expect(offered(line).limits).toEqual({ mailMax: null, rcptMax: null, rcptDomainMax: null });
});

test('an invalid limit does not hide the others', () => {
  expect(offered('LIMITS MAILMAX=none RCPTMAX=7').limits.rcptMax).toBe(7);
});
