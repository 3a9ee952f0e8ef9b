import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { createReplyParser } from '../src/reply-parser.ts';

const line = fc
  .tuple(
    fc.constantFrom('250', '250-', '550', '550-', '421', '354', '99', '2500', 'abc', '', '650'),
    fc.constantFrom(
      ' ok',
      'ok',
      ': x',
      '\t',
      '.5.1.1 x',
      ' 5.1.1 x',
      'ü€',
      '\0',
      '\r',
      'x'.repeat(1_500),
    ),
    fc.constantFrom('\r\n', '\n', '', '\r\r\n'),
  )
  .map((parts) => parts.join(''));
const octets = fc.oneof(
  fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join(''))),
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });

const parse = (chunks: readonly Buffer[]) => {
  const parser = createReplyParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
};

fuzz(
  'replies are the same for any chunks',
  [octets, cuts],
  (all, at) => {
    const positions = [0, ...at.sort((a, b) => a - b), all.length];
    const chunks = positions.slice(1).map((position, n) => all.subarray(positions[n], position));
    expect(parse(chunks)).toEqual(parse([all]));
    expect(parse([...all].map((octet) => Buffer.from([octet])))).toEqual(parse([all]));
  },
  300,
);

fuzz('each reply has a code that is at the start of each of its lines', [octets], (all) => {
  const seen = all.toString();
  for (const reply of parse([all])) {
    if (reply.code === null) continue;
    expect(reply.code).toBeGreaterThanOrEqual(200);
    expect(reply.code).toBeLessThanOrEqual(599);
    for (const text of reply.text.split('\n')) {
      expect(text[0]).toBe(String(reply.code)[0]);
      expect(seen).toContain(text);
    }
  }
});

fuzz(
  'the time to read octets is linear in their number',
  [fc.constantFrom('250 ok\r\n', '250-x\r\n250 y\n', '550'), fc.integer({ min: 1, max: 64 })],
  (unit, size) => {
    expectLinear(
      (count) => Buffer.from(unit.repeat(count)),
      (all) => {
        const parser = createReplyParser();
        for (let at = 0; at < all.length; at += size * 64)
          parser.push(all.subarray(at, at + size * 64));
      },
    );
  },
  3,
);
