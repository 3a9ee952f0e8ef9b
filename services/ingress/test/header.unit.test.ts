import { replies, type Reply } from '@mysmtp/mail';
import { describe, expect, test } from 'vitest';
import { prepareHeader, type PreparedHeader } from '../src/intake/header.ts';

const own = 'a@ours.example';

interface Given {
  readonly signing?: 'ours' | 'customer';
  readonly smtputf8?: boolean;
  readonly encoding?: BufferEncoding;
  readonly unsubscribeUrl?: string;
}

function prepare(lines: readonly string[], given: Given = {}): PreparedHeader | Reply {
  const { signing = 'ours', smtputf8 = false, encoding = 'utf8' } = given;
  return prepareHeader(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), encoding), {
    id: 'an-id',
    at: 0,
    smtpName: 'relay.example.org',
    protocol: 'ESMTPSA',
    smtputf8,
    findDomain: (domain) => (domain === 'ours.example' ? { id: 'd', signing } : undefined),
    admitsAuthor: (address) => !address.startsWith('other@'),
    unsubscribeUrl: () => given.unsubscribeUrl,
  });
}

/** The lines that are passed on, without the added ones. */
function written(lines: readonly string[], given?: Given): string[] {
  const prepared = prepare(lines, given);
  if ('code' in prepared) throw new Error(prepared.text);
  const text = prepared.octets.toString();
  expect(text).toMatch(/^Received: .*\r\n\t.*\r\n[^]*\r\n\r\n$/);
  return text.split('\r\n').slice(2, -2);
}

const from = `From: Jörg <${own}>`;
const fromInAscii = `From: =?utf-8?q?J=C3=B6rg?= <${own}>`;
const trace = ['Date: Thu, 01 Jan 1970 00:00:00 +0000', 'Message-ID: <an-id@relay.example.org>'];

describe('a header that is not ASCII', () => {
  test.each([false, true])('reaches every receiver; SMTPUTF8 requested: %s', (smtputf8) => {
    const lines = [from, 'Subject: Störung', 'Content-Disposition: attachment; filename="ü.txt"'];
    const prepared = prepare(lines, { smtputf8 });
    expect(prepared).toMatchObject({ isUtf8: false });
    expect(written(lines, { smtputf8 })).toEqual([
      fromInAscii,
      'Subject: =?utf-8?q?St=C3=B6rung?=',
      "Content-Disposition: attachment; filename*=utf-8''%C3%BC.txt",
      ...trace,
    ]);
  });

  test('in latin1 is decoded correctly', () => {
    expect(written([from, 'Subject: Störung'], { encoding: 'latin1' })).toEqual([
      fromInAscii,
      'Subject: =?utf-8?q?St=C3=B6rung?=',
      ...trace,
    ]);
  });

  test('with a non-ASCII address needs SMTPUTF8, and is refused without it', () => {
    const lines = [`From: <${own}>`, 'To: Jörg <jörg@example.net>', 'Subject: ü'];
    expect(prepare(lines)).toBe(replies.headerNeedsSmtputf8);
    expect(prepare(lines, { smtputf8: true })).toMatchObject({ isUtf8: true });
    expect(written(lines, { smtputf8: true }).slice(1, 3)).toEqual([
      'To: Jörg <jörg@example.net>',
      'Subject: =?utf-8?b?w7w=?=',
    ]);
    expect(prepare(lines, { smtputf8: true, encoding: 'latin1' })).toBe(
      replies.headerNeedsSmtputf8,
    );
  });

  test.each([
    'To: "ü <b@example.net>',
    'To: b@example.net (ü',
    'To: <ü@example.net',
    'Cc: jörg @example.net',
    'Content-Disposition: attachment; filename="ü.txt',
    'Content-Disposition: attachment; filename*0=a; filename*1="ü"',
    'Content-Type: multipart/mixed; boundary="ü"',
  ])('and is malformed is refused, asked for SMTPUTF8 or not: %s', (line) => {
    for (const smtputf8 of [false, true]) {
      expect(prepare([`From: <${own}>`, line], { smtputf8 })).toBe(replies.headerNotEncodable);
    }
  });

  test('that the customer has signed stays unchanged and needs SMTPUTF8', () => {
    const lines = [from, 'Subject: Störung', 'DKIM-Signature: v=1'];
    const signing = 'customer';
    expect(prepare(lines, { signing })).toBe(replies.signedHeaderNotAscii);
    expect(prepare(lines, { signing, smtputf8: true })).toMatchObject({ isUtf8: true });
    expect(written(lines, { signing, smtputf8: true }).slice(0, 3)).toEqual(lines);
    // Without a signature, or with one that we replace, the header may change.
    expect(written(lines.slice(0, 2), { signing })[0]).toBe(fromInAscii);
    expect(written(lines)[0]).toBe(fromInAscii);
  });

  test('has its author parsed in the form that receivers get', () => {
    const names = ['Jörg x@evil.test', '"Jörg x@evil.test"', '=?utf-8?q?x=40evil=2Etest?='];
    for (const name of names) {
      expect(prepare([`From: ${name} <${own}>`]), name).toBe(replies.fromNotAllowed);
    }
    expect(prepare([`From: "x@evil.test" <${own}>`])).toMatchObject({ isUtf8: false });
  });

  test('has only authors that the credential may use', () => {
    expect(prepare(['From: other@ours.example'])).toBe(replies.fromNotPinned);
    expect(prepare([`From: ${own}, other@ours.example`])).toBe(replies.fromNotPinned);
    expect(prepare([`From: ${own}, b@ours.example`])).toMatchObject({ isUtf8: false });
  });
});

describe('errors of senders that are repaired', () => {
  test('blanks before the colon', () => {
    const lines = [`From : <${own}>`, 'X-A \t: b', 'Bcc : secret@example.net'];
    expect(written(lines)).toEqual([`From: <${own}>`, 'X-A: b', ...trace]);
  });

  test('an empty Message-ID, an empty Date', () => {
    expect(written([from, 'Message-ID:', 'Date: '])).toEqual([fromInAscii, ...trace]);
    expect(prepare([from, 'Message-ID: '])).toMatchObject({
      messageId: '<an-id@relay.example.org>',
    });
  });

  test('repeated fields that are equal or lists', () => {
    const lines = [`From: <${own}>`, 'To: b@example.net', 'Subject: x', 'To: c@example.net'];
    expect(written([...lines, 'Subject: x'])).toEqual([
      `From: <${own}>`,
      'To: b@example.net,',
      ' c@example.net',
      'Subject: x',
      ...trace,
    ]);
  });

  test('a long list of recipients in one line', () => {
    const all = Array.from({ length: 100 }, (_, n) => `b${String(n)}@example.net`).join(', ');
    const lines = written([`From: <${own}>`, `To: ${all}`]);
    expect(lines.slice(1, -2).join('')).toBe(`To: ${all}`);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  });
});

test.each<[string, string[], Reply]>([
  ['six tags', ['X-MySMTP-Tag: a,b,c', 'X-MySMTP-Tag: d,e,f'], replies.tagsInvalid],
  ['an empty tag', ['X-MySMTP-Tag: a,,b'], replies.tagsInvalid],
  ['a tag of 65 characters', [`X-MySMTP-Tag: ${'a'.repeat(65)}`], replies.tagsInvalid],
  ['a tag with a blank', ['X-MySMTP-Tag: two words'], replies.tagsInvalid],
  ['an encoded tag', ['X-MySMTP-Tag: =?utf-8?q?a?='], replies.tagsInvalid],
  ['two Subjects', ['Subject: a', 'Subject: b'], replies.headerTwice],
  ['two Dates', ['Date: a', 'Date: b'], replies.headerTwice],
  ['two Message-IDs', ['Message-ID: <a@b>', 'Message-ID: <c@d>'], replies.headerTwice],
  ['a word of more than 998 octets', [`X: ${'x'.repeat(1_000)}`], replies.headerLineTooLong],
  ['a second From', [`From: <${own}>`], replies.fromNotSingle],
  ['a line that is no field', ['nothing'], replies.headerMalformed],
  ['blanks in a name', ['X A: b'], replies.headerMalformed],
])('%s cannot be repaired', (_name, lines, reply) => {
  expect(prepare([`From: <${own}>`, ...lines])).toBe(reply);
});

test('a header in ASCII stays unchanged, octet for octet', () => {
  const lines = [`From: "A  B"\t<${own}>`, 'Subject:  x', '  y ', 'X-Y:', ...trace];
  expect(written(lines)).toEqual(lines);
});

describe('X-MySMTP-Unsubscribe: one-click', () => {
  const unsubscribeUrl = 'https://privacy.example.org/v1/unsubscribe/a.b';
  const asked = [`From: <${own}>`, 'X-MySMTP-Unsubscribe: one-click'];
  const refused = replies.unsubscribeInvalid;

  test('the fields of RFC 8058 are added, and the request is removed', () => {
    expect(written(asked, { unsubscribeUrl })).toEqual([
      `From: <${own}>`,
      ...trace,
      `List-Unsubscribe: <${unsubscribeUrl}>`,
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    ]);
  });

  test('without the request nothing is added', () => {
    expect(written([`From: <${own}>`], { unsubscribeUrl })).toEqual([`From: <${own}>`, ...trace]);
  });

  test('refused: no link, mail that the customer signs, a List-Unsubscribe of its own, another value', () => {
    expect(prepare(asked)).toEqual(refused);
    expect(prepare(asked, { unsubscribeUrl, signing: 'customer' })).toEqual(refused);
    const own = [...asked, 'List-Unsubscribe: <mailto:leave@ours.example>'];
    expect(prepare(own, { unsubscribeUrl })).toEqual(refused);
    const other = [asked[0] ?? '', 'X-MySMTP-Unsubscribe: yes'];
    expect(prepare(other, { unsubscribeUrl })).toEqual(refused);
  });
});
