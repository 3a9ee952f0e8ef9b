import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { splitHeaderBlock, toSevenBit } from '../src/index.ts';
import { hashOfMailauth } from './hash-of-mailauth.ts';

const lines = (...all: readonly string[]): string => all.join('\r\n');

async function* once(octets: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(octets);
}

/** The recoded message, or the reason of its refusal. */
async function recode(message: Buffer | string): Promise<string> {
  const result = await toSevenBit(() =>
    once(typeof message === 'string' ? Buffer.from(message) : message),
  );
  return 'refusal' in result ? result.refusal : (await buffer(result.stream())).toString('latin1');
}

test('a text becomes quoted-printable', async () => {
  const message = (encoding: string, body: string) =>
    lines(
      'From: a@example.org',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      `Content-Transfer-Encoding: ${encoding}`,
      'Subject: x',
      '',
      body,
    );
  const body = lines('Größe = 1 ', '-- ', '', 'ü');
  const encoded = lines('Gr=C3=B6=C3=9Fe =3D 1=20', '=2D-=20', '', '=C3=BC');
  expect(await recode(message('8bit', body))).toBe(message('quoted-printable', encoded));
});

test('a message without MIME gets the required fields; an unknown charset has a name (RFC 1428)', async () => {
  const message = (octets: Buffer) =>
    Buffer.concat([Buffer.from('From: a@example.org\r\n\r\n'), octets]);
  const header = (charset: string) =>
    lines(
      'From: a@example.org',
      'Content-Transfer-Encoding: quoted-printable',
      `Content-Type: text/plain; charset=${charset}`,
      'MIME-Version: 1.0',
      '',
      '',
    );
  expect(await recode(message(Buffer.from('ü\r\n')))).toBe(`${header('utf-8')}=C3=BC\r\n`);
  expect(await recode(message(Buffer.from([0xfc, 0x0d, 0x0a])))).toBe(
    `${header('unknown-8bit')}=FC\r\n`,
  );
});

test('a part that is no text becomes base64', async () => {
  const fields = ['From: a@example.org', 'MIME-Version: 1.0', 'Content-Type: image/png'];
  const content = `${'ü'.repeat(40)}\r\n`;
  expect(await recode(lines(...fields, '', content))).toBe(
    lines(
      ...fields,
      'Content-Transfer-Encoding: base64',
      '',
      ...(Buffer.from(content)
        .toString('base64')
        .match(/.{1,76}/g) ?? []),
      '',
    ),
  );
});

test('only 8-bit content changes: parts, preamble, labels, and headers of parts', async () => {
  const plain = lines('Content-Type: text/plain', 'X-A:  b', '', '-- ', 'a =', '');
  const message = lines(
    'From: a@example.org',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b c"',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Präambel',
    `--b c \r\n${plain}`,
    '--b c',
    'Content-Type: message/rfc822',
    'Content-Disposition: attachment',
    '',
    'From: "Jörg, M" <a@example.org> (ü)',
    'Subject: Re: Größe und Maß ja',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>ü',
    '--b c',
    'Content-Type: application/pdf; name="Größe.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'AAAA',
    '--b c--',
    'Ende',
    '',
  );
  expect(await recode(message)).toBe(
    lines(
      'From: a@example.org',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b c"',
      'Content-Transfer-Encoding: 7bit',
      '',
      'Pr=C3=A4ambel',
      `--b c \r\n${plain}`,
      '--b c',
      'Content-Type: message/rfc822',
      'Content-Disposition: attachment',
      '',
      'From: =?utf-8?q?J=C3=B6rg=2C_M?= <a@example.org> (=?utf-8?b?w7w=?=)',
      'Subject: Re: =?utf-8?b?R3LDtsOfZQ==?= und =?utf-8?q?Ma=C3=9F?= ja',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      'MIME-Version: 1.0',
      '',
      '<p>=C3=BC',
      '--b c',
      "Content-Type: application/pdf; name*=utf-8''Gr%C3%B6%C3%9Fe.pdf",
      'Content-Transfer-Encoding: base64',
      '',
      'AAAA',
      '--b c--',
      'Ende',
      '',
    ),
  );
});

const inMixed = (...parts: readonly string[]): string =>
  lines(
    'Content-Type: multipart/mixed; boundary=a',
    '',
    ...parts.map((part) => `--a\r\n${part}`),
    '--a--',
    '',
  );

test('a signed part is unchanged, or the message is refused (RFC 1847 2.1)', async () => {
  const signed = (text: string) =>
    lines(
      'Content-Type: multipart/signed; boundary=s',
      '',
      '--s',
      'Content-Transfer-Encoding: 8bit',
      '',
      text,
      '--s',
      'Content-Type: application/pgp-signature',
      '',
      'x',
      '--s--',
    );
  const recoded = await recode(inMixed(signed('u'), lines('', 'ü')));
  expect(recoded).toContain(`--a\r\n${signed('u')}\r\n--a\r\n`);
  expect(recoded).toContain('\r\n\r\n=C3=BC\r\n--a--\r\n');
  expect(await recode(inMixed(signed('ü'), 'x'))).toBe('signed');
  expect(await recode(inMixed(signed('u').replace('8bit', '7bit\r\nA: ü'), 'x'))).toBe('signed');
});

const multipart = 'Content-Type: multipart/mixed; boundary=';
const nested = (depth: number): string =>
  `${'Content-Type: message/rfc822\r\n\r\n'.repeat(depth)}\r\nü\r\n`;

test.each([
  [
    'a boundary that is already in use',
    inMixed(lines(`${multipart}a`, '', '--a', '', 'ü')),
    'structure',
  ],
  ['a boundary that is the prefix of another one', inMixed(lines('', 'ü', '--ab')), 'structure'],
  ['a part after the last one', `${inMixed(lines('', 'ü'))}--a\r\n\r\nx\r\n`, 'structure'],
  ['a multipart without parts', lines(`${multipart}a`, '', 'ü', '--b', ''), 'structure'],
  ['a multipart without a boundary', lines('Content-Type: multipart/mixed', '', 'ü'), 'structure'],
  [
    'a boundary in pieces',
    lines('Content-Type: multipart/mixed; boundary*0=a', '', 'ü'),
    'structure',
  ],
  ['two types', lines('Content-Type: text/plain', 'Content-Type: text/html', '', 'ü'), 'structure'],
  [
    'an encoded multipart',
    lines(`${multipart}a`, 'Content-Transfer-Encoding: base64', '', 'ü'),
    'structure',
  ],
  ['a part of a message', lines('Content-Type: message/partial; id=a', '', 'ü'), 'structure'],
  ['messages 40 deep', nested(40), 'structure'],
  ['an unknown encoding', lines('Content-Transfer-Encoding: x-uuencode', '', 'ü'), 'structure'],
  [
    'a boundary and another one',
    lines(`${multipart}a; boundary=b`, '', 'x', '--a', '', 'ü'),
    'structure',
  ],
  [
    'quoted-printable in lines of 9 kB with other octets',
    lines('Content-Transfer-Encoding: quoted-printable', '', 'ü'.repeat(4_500)),
    'encoding',
  ],
  ['a string without an end', inMixed(lines('To: "ü', '', 'x')), 'header'],
  ['a comment without an end', inMixed(lines('To: a@example.org (ü', '', 'x')), 'header'],
  ['a header of one long word', inMixed(lines(`A: ${'x'.repeat(999)}`, '', 'ü')), 'header'],
  ['half an address', inMixed(lines('Bcc: a@ müller.example', '', 'x')), 'header'],
  [
    'a section of a parameter with UTF-8',
    inMixed(lines('Content-Type: a/b; name*0=a; name*1="ü"', '', 'x')),
    'header',
  ],
  [
    'a header of 300 kB',
    inMixed(lines(...Array<string>(30_000).fill('A: bcdefg'), '', 'ü')),
    'header',
  ],
  ['base64 with other octets', lines('Content-Transfer-Encoding: base64', '', 'ü'), 'encoding'],
  ['a header that is none', inMixed(lines('no field: ü', '', 'x')), 'header'],
  [
    'an address with UTF-8',
    lines('Content-Type: message/rfc822', '', 'From: ü@example.org', '', 'x'),
    'header',
  ],
])('%s is refused', async (_, message, reason) => {
  expect(await recode(message)).toBe(reason);
});

test('a part of a digest is a message unless it says otherwise (RFC 2046 5.1.5)', async () => {
  const digest = (subject: string) =>
    inMixed(lines('', `Subject: ${subject}`, '', 'x')).replace('mixed', 'digest');
  expect(await recode(digest('ü'))).toBe(digest('=?utf-8?b?w7w=?='));
});

test('quoted-printable with other octets is repaired', async () => {
  const message = (...text: readonly string[]) =>
    lines('Content-Transfer-Encoding: quoted-printable', '', ...text);
  expect(await recode(message('=ü \t', 'ü =', '=C3=BC= ', '= '))).toBe(
    message('=3D=C3=BC', '=C3=BC =', '=C3=BC= ', '= '),
  );
});

test('nothing is added to a header that ends with the message', async () => {
  const message = lines('Content-Transfer-Encoding: 8bit', 'Content-Type: text/plain');
  expect(await recode(message)).toBe(message);
  const field = (value: string) => lines('Content-Transfer-Encoding: 8bit', `A: ${value}`);
  const recoded = field('=?utf-8?b?w7w=?=');
  expect(await recode(field('ü'))).toBe(recoded);
  expect(await recode(field('ü\r\n '))).toBe(recoded);
  expect(await recode(recoded)).toBe(recoded);
});

test('more parts than any real mail has are refused', async () => {
  expect(await recode(`${multipart}a\r\n\r\n${'--a\r\n\r\nü\r\n'.repeat(10_001)}`)).toBe(
    'structure',
  );
});

test('a refusal has a sentence for the sender', async () => {
  const message = Buffer.from(lines('Content-Transfer-Encoding: base64', '', 'ü'));
  expect(await toSevenBit(() => once(message))).toEqual({
    refusal: 'encoding',
    text: 'A part of the message has 8-bit octets that its Content-Transfer-Encoding does not allow',
  });
});

test.each<[BufferEncoding, string, string]>([
  ['latin1', 'X-A: ü b', 'X-A: =?utf-8?b?w7w=?= b'],
  ['utf8', 'X-A: a ü "ü" b', 'X-A: a =?utf-8?b?w7wgIsO8Ig==?= b'],
  [
    'utf8',
    'To: b@example.net,\r\n "ü \\"x" ü "c d" <c@example.net>',
    'To: b@example.net, =?utf-8?b?w7wgInggw7w=?= "c d" <c@example.net>',
  ],
  [
    'utf8',
    `X-A: ${'ü '.repeat(30)}z`,
    `X-A: =?utf-8?b?${'w7wg'.repeat(12)}?=\r\n =?utf-8?b?${'w7wg'.repeat(12)}?=\r\n =?utf-8?b?w7wgw7wgw7wgw7wgw7wgw7w=?= z`,
  ],
  [
    'utf8',
    `X-A: ${'ü'.repeat(20)}`,
    `X-A: =?utf-8?b?${Buffer.from('ü'.repeat(18)).toString('base64')}?=\r\n =?utf-8?b?w7zDvA==?=`,
  ],
  [
    'latin1',
    'Content-Disposition: a; filename=ü.pdf; size=1',
    "Content-Disposition: a; filename*=utf-8''%C3%BC.pdf; size=1",
  ],
  [
    'utf8',
    "Content-Disposition: a; filename*=UTF-8''ü",
    "Content-Disposition: a; filename*=UTF-8''%C3%BC",
  ],
  [
    'utf8',
    `Content-Type: a/b; name="${'ü'.repeat(21)} \\"\r\n x"`,
    `Content-Type: a/b;\r\n name*0*=utf-8''${'%C3%BC'.repeat(8)};\r\n name*1*=${'%C3%BC'.repeat(8)};\r\n name*2*=${'%C3%BC'.repeat(5)}%20%22%20x`,
  ],
])('in %s the field %j of a part becomes ASCII', async (encoding, field, expected) => {
  const message = Buffer.from(inMixed(lines(field, '', 'x')), encoding);
  expect(await recode(message)).toBe(inMixed(lines(expected, '', 'x')));
});

test.each([
  ['a blank before the colon', 'X-A : b', 'X-A : b'],
  ['a field that is folded in its own way', 'X-A:\r\n\tb\r\n  c ', 'X-A:\r\n\tb\r\n  c '],
  ['a line of 998 octets', `X-A: ${'x '.repeat(496)}x`, `X-A: ${'x '.repeat(496)}x`],
  [
    'a line of 1,003 octets',
    `X-A: ${'x'.repeat(498)} ${'x'.repeat(499)}`,
    `X-A:\r\n ${'x'.repeat(498)}\r\n ${'x'.repeat(499)}`,
  ],
])('%s is written as a 7-bit header needs it', async (_, field, expected) => {
  const message = inMixed(lines(field, '', 'ü'));
  expect(await recode(message)).toContain(`--a\r\n${expected}\r\nContent-Transfer-Encoding: `);
});

test('long lines are cut at positions that their encoding allows', async () => {
  const long = 'x'.repeat(20_000);
  const broken = (text: string, width: number, end: string) =>
    text.replaceAll(new RegExp(`.{${String(width)}}(?=.)`, 'g'), `$&${end}`);
  const base64 = lines('Content-Transfer-Encoding: base64', '', '');
  expect(await recode(base64 + long)).toContain(broken(long.slice(0, 8_192), 76, '\r\n'));
  const text = await recode(`\r\n${long}\r\n`);
  expect(text.replaceAll('=\r\n', '')).toContain(`\r\n\r\n${long}\r\n`);
  expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(76);
});

test.each([8_191, 8_192, 8_193, 16_384])(
  'a line of %i octets is cut at the same positions, for any chunks',
  async (length) => {
    const octets = Buffer.from(`\r\n${'ü'.repeat(length / 2)}${'-'.repeat(length % 2)}\r\n`);
    const expected = await recode(octets);
    for (const at of [3, 8_192, length, length + 1, length + 2, length + 3]) {
      async function* cut(): AsyncGenerator<Buffer> {
        yield await Promise.resolve(octets.subarray(0, at));
        yield octets.subarray(at);
      }
      const result = await toSevenBit(cut);
      if ('refusal' in result) throw new Error(result.text);
      expect((await buffer(result.stream())).toString('latin1')).toBe(expected);
    }
  },
);

test('the body hash and the size are those of the sent message', async () => {
  const message = Buffer.from(
    inMixed(lines('', 'ü  ', '', ''), lines('Content-Type: a/b', '', 'ü')),
  );
  const result = await toSevenBit(() => once(message));
  if ('refusal' in result) throw new Error(result.text);
  const octets = await buffer(result.stream());
  const { header, body } = splitHeaderBlock(octets);
  expect(result.header.toString()).toBe(`${header.toString()}\r\n`);
  expect(result.bodyHash).toBe(await hashOfMailauth(body));
  expect(result.size).toBe(octets.length);
});

test.each(['text/plain', 'image/png'])(
  'a message with a long part of %s is streamed, never held in memory',
  async (type) => {
    const chunk = Buffer.from(`${'Größe '.repeat(10)}\r\n`.repeat(900));
    const head = `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: ${type}\r\n\r\n`;
    let given = 0;
    async function* read(): AsyncGenerator<Buffer> {
      given = 0;
      yield Buffer.from(head);
      for (; given < 2 * 1024 * 1024; given += chunk.length) yield await Promise.resolve(chunk);
    }
    const result = await toSevenBit(read);
    if ('refusal' in result) throw new Error(result.text);
    let taken = 0;
    for await (const octets of result.stream()) {
      taken += octets.length;
      // Either encoding increases the number of these octets.
      expect(given - taken).toBeLessThan(2 * chunk.length);
    }
    expect(taken).toBe(result.size);
  },
);

test('an error of the source is passed on', async () => {
  async function* read(): AsyncGenerator<Buffer> {
    yield await Promise.resolve(Buffer.from('A: b\r\n\r\nü'));
    throw new Error('gone');
  }
  await expect(toSevenBit(read)).rejects.toThrow('gone');
});
