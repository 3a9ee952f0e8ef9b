import { expect, test } from 'vitest';
import { createReplyParser, longestLine, longestReply } from '../src/reply-parser.ts';

const parse = (...chunks: string[]) => {
  const parser = createReplyParser();
  return chunks.flatMap((chunk) => parser.push(Buffer.from(chunk)));
};

test.each([
  ['250 ok\r\n', 250, ['ok']],
  ['250\r\n', 250, ['']],
  ['250 \r\n', 250, ['']],
  ['250 ok\n', 250, ['ok']],
  ['250 ok\r\r\n', 250, ['ok']],
  ['250-a\r\n250-\r\n250 c\r\n', 250, ['a', '', 'c']],
  ['250-a\n250 b\r\n', 250, ['a', 'b']],
  ['550: No such user\r\n', 550, ['No such user']],
  ['550\tNo such user\r\n', 550, ['No such user']],
  ['550No such user\r\n', 550, ['No such user']],
  ['550.5.1.1 No such user\r\n', 550, ['5.1.1 No such user']],
  ['421 4.3.2 closing\r\n', 421, ['4.3.2 closing']],
  ['550 kein Postfach für dich\r\n', 550, ['kein Postfach für dich']],
  // The class decides; the last code of it counts.
  ['550-a\r\n554 b\r\n', 554, ['a', 'b']],
])('%j is a %d', (octets, code, lines) => {
  expect(parse(octets)).toMatchObject([{ code, lines }]);
});

test.each([
  ['550 5.1.1 no', '5.1.1'],
  ['550-5.7.26 no\r\n550 more', '5.7.26'],
  ['550.5.1.1 no', '5.1.1'],
  ['550: 5.1.1 no', '5.1.1'],
  ['550 no 5.1.1', null],
  ['550 5.1', null],
])('the enhanced code of %j is %j', (octets, enhancedCode) => {
  expect(parse(`${octets}\r\n`)).toMatchObject([{ enhancedCode }]);
});

test.each([
  ['\r\n', 'no_code'],
  ['hello\r\n', 'no_code'],
  [' 250 ok\r\n', 'no_code'],
  ['25 ok\r\n', 'no_code'],
  ['2500 ok\r\n', 'no_code'],
  ['150 ok\r\n', 'no_code'],
  ['650 ok\r\n', 'no_code'],
  ['250-a\r\nb\r\n250 c\r\n', 'no_code'],
  ['450-a\r\n250 b\r\n', 'codes_differ'],
  [`250 ${'x'.repeat(longestLine)}`, 'line_too_long'],
  [`250 ${'x'.repeat(longestLine)}\r\n`, 'line_too_long'],
  [`250-${'x'.repeat(2_000)}\r\n`.repeat(longestReply / 2_000 + 1), 'reply_too_long'],
])('%.40j is unreadable: %s', (octets, why) => {
  expect(parse(octets)).toEqual([{ code: null, why }]);
});

test('nothing is read after an unreadable reply', () => {
  expect(parse('250 a\r\nb\r\n250 c\r\n', '250 d\r\n')).toMatchObject([
    { code: 250 },
    { code: null },
  ]);
});

test('the text is the unchanged reply', () => {
  expect(parse('550-5.1.1 a\r\n550 5.1.1  b\r\n')).toMatchObject([
    { text: '550-5.1.1 a\n550 5.1.1  b' },
  ]);
});

test('a reply of many lines may have up to ten thousand octets', () => {
  expect(parse(`250-${'x'.repeat(96)}\r\n`.repeat(100), '250 end\r\n')).toMatchObject([
    { code: 250 },
  ]);
});
