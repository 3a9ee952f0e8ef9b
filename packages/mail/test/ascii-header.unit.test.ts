import { describe, expect, test } from 'vitest';
import { asciiField, fieldValue, headerFields, replies, writtenField } from '../src/index.ts';

function fieldOf(octets: Buffer) {
  const [field, ...more] = headerFields(octets) ?? [];
  if (field === undefined || more.length > 0) throw new Error('That is not one field');
  return field;
}
/** The field in ASCII, or the text of the reply to refuse it with. */
function ascii(text: string, encoding: BufferEncoding = 'utf8'): string {
  const written = asciiField(fieldOf(Buffer.from(`${text}\r\n`, encoding)));
  return typeof written === 'string' ? written.trimEnd() : written.text;
}
const needsSmtputf8 = replies.headerNeedsSmtputf8.text;
const notEncodable = replies.headerNotEncodable.text;

describe('unstructured text', () => {
  test.each([
    ['Subject: Störung', 'Subject: =?utf-8?q?St=C3=B6rung?='],
    [
      'Subject: Re: Grüße aus Köln am Rhein',
      'Subject: Re: =?utf-8?b?R3LDvMOfZQ==?= aus =?utf-8?q?K=C3=B6ln?= am Rhein',
    ],
    // Space between two encoded words is dropped, so it is part of them.
    ['Subject: ä  ö', 'Subject: =?utf-8?b?w6QgIMO2?='],
    ['Subject: =?utf-8?q?a?= ö', 'Subject: =?utf-8?q?a?= =?utf-8?b?IMO2?='],
    ['Subject: ö =?utf-8?q?a?=', 'Subject: =?utf-8?b?w7Yg?= =?utf-8?q?a?='],
    ['Subject: 日本語', 'Subject: =?utf-8?b?5pel5pys6Kqe?='],
    ['SUBJECT:ü', 'SUBJECT:=?utf-8?b?w7w=?='],
    ['X-Any: 🙂 (ü)', 'X-Any: =?utf-8?b?8J+ZgiAow7wp?='],
  ])('%s', (given, expected) => {
    expect(ascii(given)).toBe(expected);
  });

  test('a field that is too long is folded, no character is split', () => {
    const text = 'Prüfung '.repeat(40).trim();
    const lines = ascii(`Subject: ${text}`).split('\r\n');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      expect(line.length).toBeLessThanOrEqual(76);
      expect(line).toMatch(/^(?:Subject:)? =\?utf-8\?/);
    }
  });

  test('octets that are not UTF-8 are windows-1252', () => {
    expect(ascii('Subject: St\xf6rung', 'latin1')).toBe('Subject: =?utf-8?q?St=C3=B6rung?=');
    expect(ascii('Subject: \x80 5', 'latin1')).toBe('Subject: =?utf-8?b?4oKs?= 5');
  });
});

describe('addresses', () => {
  test.each([
    [
      'From: Jörg Müller <j@example.org>',
      'From: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <j@example.org>',
    ],
    [
      'From: "Müller, Jörg"<j@example.org>',
      'From: =?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <j@example.org>',
    ],
    [String.raw`From: "a\"ü" <j@example.org>`, 'From: =?utf-8?b?YSLDvA==?= <j@example.org>'],
    [
      'To: "A B" ö <a@example.org>, b@example.net',
      'To: "A B" =?utf-8?b?w7Y=?= <a@example.org>, b@example.net',
    ],
    ['To: a@example.org (Jörg (zu Hause))', 'To: a@example.org (=?utf-8?q?J=C3=B6rg?= (zu Hause))'],
    ['To: a@example.org (zu (Köln))', 'To: a@example.org (zu (=?utf-8?q?K=C3=B6ln?=))'],
    [
      'To: Köln: a@example.org, b@example.net;',
      'To: =?utf-8?q?K=C3=B6ln?= : a@example.org, b@example.net;',
    ],
    [
      'To: a@müller.example, <b@köln.example>',
      'To: a@xn--mller-kva.example, <b@xn--kln-sna.example>',
    ],
    ['In-Reply-To: Ihre Mail vom 3. März', 'In-Reply-To: Ihre Mail vom 3. =?utf-8?q?M=C3=A4rz?='],
    [
      'Date: Mo, 03 Mär 2025 10:00:00 +0100',
      'Date: Mo, 03 =?utf-8?q?M=C3=A4r?= 2025 10:00:00 +0100',
    ],
  ])('%s', (given, expected) => {
    expect(ascii(given)).toBe(expected);
  });

  test.each([
    'From: jörg@example.org',
    'From: <jörg@example.org>',
    'From: Jörg <"jörg x"@example.org>',
    'From: "jörg"@example.org',
    'Message-ID: <grüße@example.org>',
    'Bcc: jörg@example.org',
    'Return-Path: <jörg@example.org>',
    'From: <"jörg, x"@example.org>',
  ])('%s has content that no encoding can carry', (given) => {
    expect(ascii(given)).toBe(needsSmtputf8);
  });

  test.each([
    'To: <a@example.org>, <jörg@example.org',
    'To: "ü',
    'To: "ü <a@example.org>, b@example.org',
    String.raw`To: "ü\" <a@example.org>`,
    'To: a@example.org (ü, b@example.org',
    'To: a@example.org ((ü), b@example.org',
    'To: <"ü@example.org>, b@example.org',
    'To: <Jörg <a@example.org>, b@example.org',
    'To: Jörg @home',
    'To: @jörg <a@example.org>',
    'To: jörg@ <a@example.org>',
    'To: a@ müller.example',
    'To: a @ (b) müller.example',
    'To: "jörg" @example.org',
    'To: jörg (x) @example.org',
    'To: "jörg".x@example.org',
    'To: jörg."x"@example.org',
    'To: "jörg""x"y@example.org',
    'To: a@example.org>"jörg"',
    'List-Unsubscribe: <https://example.org/ü',
  ])('%s has no meaning that could be preserved', (given) => {
    expect(ascii(given)).toBe(notEncodable);
  });

  test.each(['/', '?', '#', '%41', '\\'])('a domain with %s is not cut off there', (text) => {
    const given = `To: a@müller.example${text}.evil.test`;
    expect(ascii(given)).toBe(notEncodable);
  });

  test.each([
    ['To: Jörg\u00a0M <a@example.org>', 'To: =?utf-8?q?J=C3=B6rg=C2=A0M?= <a@example.org>'],
    ['To: ü, "open <a@example.org>', notEncodable],
    ['To: a@example.org (@ü)', 'To: a@example.org (=?utf-8?b?QMO8?=)'],
    ['To: ü @ <a@example.org>', notEncodable],
    ['To: x@example.org, ü <a@example.org>', 'To: x@example.org, =?utf-8?b?w7w=?= <a@example.org>'],
  ])('%s', (given, expected) => {
    expect(ascii(given)).toBe(expected);
  });
});

describe('parameters', () => {
  test.each([
    [
      'Content-Disposition: attachment; filename="Übersicht (1).pdf"; size=5',
      "Content-Disposition: attachment;\r\n filename*=utf-8''%C3%9Cbersicht%20%281%29.pdf; size=5",
    ],
    ['Content-Type: text/plain; name=ü', "Content-Type: text/plain; name*=utf-8''%C3%BC"],
    [
      String.raw`Content-Type: text/plain; name="a;\"ü"; x="ASCII; too"`,
      `Content-Type: text/plain; name*=utf-8''a%3B%22%C3%BC; x="ASCII; too"`,
    ],
    [
      "Content-Type: text/plain; name*=utf-8''ü%20x",
      "Content-Type: text/plain; name*=utf-8''%C3%BC%20x",
    ],
    ['Content-Type: text/plain (für alle)', 'Content-Type: text/plain (=?utf-8?q?f=C3=BCr?= alle)'],
    [
      'Content-Type: text/plain (a; ü); charset=utf-8',
      'Content-Type: text/plain (a; =?utf-8?b?w7w=?=); charset=utf-8',
    ],
    [
      'Content-Disposition: attachment; filename="ü" (x; ö); size=5',
      "Content-Disposition: attachment; filename*=utf-8''%C3%BC (x;\r\n =?utf-8?b?w7Y=?=); size=5",
    ],
    [
      'Content-Disposition: attachment; filename=Übersicht (1).pdf',
      "Content-Disposition: attachment;\r\n filename*=utf-8''%C3%9Cbersicht%20%281%29.pdf",
    ],
    // Two parameters with one name would be ambiguous.
    [
      "Content-Disposition: attachment; filename=ü; Filename*=utf-8''%C3%BC",
      "Content-Disposition: attachment; Filename*=utf-8''%C3%BC",
    ],
  ])('%s', (given, expected) => {
    expect(ascii(given)).toBe(expected);
  });

  test.each([
    'Content-Disposition: attachment; filename="ü.pdf; size=5',
    'Content-Disposition: attachment; filename="a.pdf (ü); size=5',
    'Content-Disposition: attachment; filename="ü" x',
    'Content-Disposition: attachment; filename=a"ü"',
    'Content-Disposition: attachment; (ü',
    'Content-Disposition: attachment; ü',
    'Content-Disposition: attachment; fürname=a',
    'Content-Disposition: attachment; filename*0=a; filename*1="ü"',
    "Content-Disposition: attachment; filename*0*=utf-8''a; filename*1*=ü",
    "Content-Disposition: attachment; filename*=iso-8859-1''ü",
    'Content-Type: multipart/mixed; boundary="ü"',
    'Content-Type: tëxt/plain',
  ])('%s has no meaning that could be preserved', (given) => {
    expect(ascii(given)).toBe(notEncodable);
  });

  test('long ones are continued', () => {
    const value = ascii(`Content-Disposition: attachment; filename="${'ä'.repeat(30)}.pdf"`);
    expect(value.split('\r\n')).toEqual([
      'Content-Disposition: attachment;',
      ` filename*0*=utf-8''${'%C3%A4'.repeat(8)};`,
      ` filename*1*=${'%C3%A4'.repeat(8)};`,
      ` filename*2*=${'%C3%A4'.repeat(8)};`,
      ` filename*3*=${'%C3%A4'.repeat(6)}.pdf`,
    ]);
  });
});

test.each([
  [
    '<https://example.org/abmelden?für=a@example.org>',
    '<https://example.org/abmelden?f%C3%BCr=a@example.org>',
  ],
  [
    'https://example.org/für,<mailto:a@ü.example>',
    'https://example.org/f%C3%BCr,<mailto:a@%C3%BC.example>',
  ],
  ['NO (für "x)', 'NO (=?utf-8?q?f=C3=BCr?= "x)'],
])('URLs stay URLs: %s', (given, expected) => {
  expect(ascii(`List-Unsubscribe: ${given}`)).toBe(`List-Unsubscribe: ${expected}`);
});

test('a field in ASCII is unchanged, octet for octet', () => {
  for (const raw of ['Subject:  a\r\n  b \r\n', `X: ${'x'.repeat(900)}\r\n`, 'A:\r\n']) {
    expect(asciiField({ name: raw.split(':')[0]?.toLowerCase() ?? '', raw })).toBe(raw);
  }
});

test.each([
  ['X-A : b\r\n', 'X-A: b\r\n'],
  ['X-A \t :b\r\n c\r\n', 'X-A:b\r\n c\r\n'],
])('the blank before the colon of %j is removed', (raw, expected) => {
  const field = fieldOf(Buffer.from(raw));
  expect(field.name).toBe('x-a');
  expect(writtenField(field)).toBe(expected);
  expect(asciiField(field)).toBe(expected);
});

test('a line that is too long is folded at a space', () => {
  const addresses = Array.from({ length: 100 }, (_, n) => `person-${String(n)}@example.org`);
  const field = fieldOf(Buffer.from(`To: ${addresses.join(', ')}\r\n`));
  const written = writtenField(field);
  expect(Math.max(...written.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(76);
  expect(fieldValue({ name: 'to', raw: written })).toBe(addresses.join(', '));
});
