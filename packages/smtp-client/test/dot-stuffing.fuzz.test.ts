import { once } from 'node:events';
import { expectLinear, fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import DataStream from 'nodemailer/lib/smtp-connection/data-stream.js';
import { expect } from 'vitest';
import { createDotStuffer } from '../src/dot-stuffing.ts';

const piece = fc.constantFrom('.', '..', 'a', '\r\n', '\r\n.', '\r\n.\r\n', 'text', 'ü');
/** Not empty, because for an empty message nodemailer writes an empty line first. */
const message = fc
  .array(piece, { minLength: 1, maxLength: 20 })
  .map((pieces) => Buffer.from(pieces.join('')));
const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 6 });

function stuffed(chunks: readonly Buffer[]): string {
  const stuffer = createDotStuffer();
  const out = chunks.flatMap((chunk) => stuffer.stuff(chunk));
  return Buffer.concat([...out, stuffer.end()]).toString();
}

function cutAt(all: Buffer, at: number[]): Buffer[] {
  const positions = [0, ...at.sort((a, b) => a - b), all.length];
  return positions.slice(1).map((position, n) => all.subarray(positions[n], position));
}

fuzz('nodemailer writes the same octets', [message, cuts], async (all, at) => {
  const stream = new DataStream();
  const out: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => out.push(chunk));
  const ended = once(stream, 'end');
  stream.end(all);
  await ended;
  expect(stuffed(cutAt(all, at))).toBe(Buffer.concat(out).toString());
});

fuzz(
  'any octets: only the end has a line of one dot',
  [fc.array(fc.constantFrom('.', '\r', '\n', 'x'), { maxLength: 20 }), cuts],
  (octets, at) => {
    const out = stuffed(cutAt(Buffer.from(octets.join('')), at));
    // With any interpretation of a line end, the end for a lenient receiver is the last line.
    expect(out.search(/(?:^|\n)\.\r?\n/)).toBe(out === '.\r\n' ? 0 : out.length - 4);
    expect(out.endsWith('.\r\n')).toBe(true);
  },
);

fuzz(
  'the time of dot-stuffing is linear in the size of the message',
  [piece],
  (unit) => {
    expectLinear(
      (count) => [Buffer.from(unit.repeat(count))],
      (chunks) => stuffed(chunks),
    );
  },
  5,
);
