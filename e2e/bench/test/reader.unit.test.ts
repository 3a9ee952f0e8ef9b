import { expect, test } from 'vitest';
import { createReader } from '../timed-sink/reader.ts';

/** What the reader found in these chunks, in order. */
function read(chunks: readonly Buffer[]): string[] {
  const found: string[] = [];
  const take = createReader({
    command(line) {
      found.push(line);
      return line === 'DATA';
    },
    message: (start) => void found.push(`message ${start.split('\r\n', 1)[0] ?? ''}`),
  });
  for (const chunk of chunks) take(chunk);
  return found;
}

const session = Buffer.from(
  'MAIL FROM:<>\r\nDATA\r\nMessage-ID: <1>\r\n\r\n..\r\n.x\r\n.\r\nMAIL FROM:<>\r\nDATA\r\nMessage-ID: <2>\r\n\r\n\r\n.\r\nQUIT\r\n',
);
const expected = [
  'MAIL FROM:<>',
  'DATA',
  'message Message-ID: <1>',
  'MAIL FROM:<>',
  'DATA',
  'message Message-ID: <2>',
  'QUIT',
];

test('pipelined commands and messages are divided', () => {
  expect(read([session])).toEqual(expected);
});

test('wherever the octets are divided', () => {
  for (let at = 1; at < session.length; at += 1) {
    expect(read([session.subarray(0, at), session.subarray(at)]), String(at)).toEqual(expected);
  }
  expect(read(Array.from(session, (octet) => Buffer.of(octet)))).toEqual(expected);
});

test('a message may be larger than the octets that are kept of it', () => {
  const body = `${'X'.repeat(70)}\r\n`.repeat(2_000);
  const large = Buffer.from(`DATA\r\nMessage-ID: <3>\r\n\r\n${body}.\r\nQUIT\r\n`);
  const chunks = [large.subarray(0, 65_536), large.subarray(65_536)];
  expect(read(chunks)).toEqual(['DATA', 'message Message-ID: <3>', 'QUIT']);
});
