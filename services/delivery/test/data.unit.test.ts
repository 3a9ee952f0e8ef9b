import { expect, test } from 'vitest';
import { dataOf } from '../src/courier/data.ts';

const written = (...parts: string[]): string =>
  Buffer.concat(dataOf(parts.map((part) => Buffer.from(part)))).toString();

test.each([
  [['a: b\r\n\r\nhi\r\n'], 'a: b\r\n\r\nhi\r\n.\r\n'],
  [['no line end'], 'no line end\r\n.\r\n'],
  [['.first\r\n'], '..first\r\n.\r\n'],
  [['x\r\n.\r\n'], 'x\r\n..\r\n.\r\n'],
  [['x\r\n..\r\n.y\r\n'], 'x\r\n...\r\n..y\r\n.\r\n'],
  [['x\r\n.'], 'x\r\n..\r\n.\r\n'],
  [['a.b\r\nc.\r\n'], 'a.b\r\nc.\r\n.\r\n'],
  [['', ''], '.\r\n'],
  [['Signature: x\r\n', '.dot\r\n'], 'Signature: x\r\n..dot\r\n.\r\n'],
  [['bare\n.\r\n'], 'bare\n..\r\n.\r\n'],
  [['', 'only\r\n'], 'only\r\n.\r\n'],
])('%j is written as %j', (parts, expected) => {
  expect(written(...parts)).toBe(expected);
});

test('unstuffed it is the message again, wherever its dots are', () => {
  const alphabet = ['.', 'a', '\r\n'];
  for (let code = 0; code < 3 ** 7; code += 1) {
    let text = '';
    for (let rest = code, n = 0; n < 7; n += 1, rest = Math.floor(rest / 3)) {
      text += alphabet[rest % 3] ?? '';
    }
    const out = written(text);
    expect(out.endsWith('\r\n.\r\n') || out === '.\r\n').toBe(true);
    const lines = out.slice(0, -3).split('\r\n').slice(0, -1);
    // No line may be the final dot, and every other leading dot is doubled.
    expect(lines).not.toContain('.');
    const back = lines.map((line) => (line.startsWith('.') ? line.slice(1) : line)).join('\r\n');
    expect(
      text === '' || text.endsWith('\r\n') ? `${back}\r\n`.replace(/^\r\n$/, text) : back,
    ).toBe(text);
  }
});
