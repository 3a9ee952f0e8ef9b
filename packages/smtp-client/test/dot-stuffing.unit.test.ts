import { expect, test } from 'vitest';
import { createDotStuffer } from '../src/dot-stuffing.ts';

function written(...parts: string[]): string {
  const stuffer = createDotStuffer();
  const out = parts.flatMap((part) => stuffer.stuff(Buffer.from(part)));
  return Buffer.concat([...out, stuffer.end()]).toString();
}

test.each([
  [['a: b\r\n\r\nhi\r\n'], 'a: b\r\n\r\nhi\r\n.\r\n'],
  [['no line end'], 'no line end\r\n.\r\n'],
  [['.first\r\n'], '..first\r\n.\r\n'],
  [['x\r\n.\r\n'], 'x\r\n..\r\n.\r\n'],
  [['x\r\n', '.\r\n'], 'x\r\n..\r\n.\r\n'],
  [['x\r', '\n', '.', '\r', '\n'], 'x\r\n..\r\n.\r\n'],
  [['x\r\n..\r\n.y\r\n'], 'x\r\n...\r\n..y\r\n.\r\n'],
  [['x\r\n.'], 'x\r\n..\r\n.\r\n'],
  [['a.b\r\nc.\r\n'], 'a.b\r\nc.\r\n.\r\n'],
  [['a', '.b\r\n'], 'a.b\r\n.\r\n'],
  [['', ''], '.\r\n'],
  [['bare\n.\r\n'], 'bare\n..\r\n.\r\n'],
  [['bare\n', '.\r\n'], 'bare\n..\r\n.\r\n'],
  [['half\r'], 'half\r\r\n.\r\n'],
  [['bare\n'], 'bare\n\r\n.\r\n'],
])('%j is written as %j', (parts, expected) => {
  expect(written(...parts)).toBe(expected);
});
