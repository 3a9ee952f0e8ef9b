import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';

/** The library's own modules, which a patch changes (patches/README.md); the package does not export them. */
const require = createRequire(import.meta.url);
const folder = path.join(path.dirname(require.resolve('amqplib')), 'lib');
const { Connection } = require(path.join(folder, 'connection.js')) as {
  Connection: { prototype: { recvFrame(this: Receiver): Frame | false } };
};
const { makeBodyFrame, bodyFramePieces } = require(path.join(folder, 'frame.js')) as {
  makeBodyFrame(channel: number, payload: Buffer): Buffer;
  bodyFramePieces(channel: number, payload: Buffer): Buffer[];
};

interface Frame {
  readonly channel: number;
  readonly content: Buffer;
}
interface Receiver {
  rest: Buffer;
  gathered: Buffer[];
  received: number;
  awaited: number;
  readonly maxFrameSize: number;
  readonly stream: { read(): Buffer | null };
}

const receiver = (pieces: Buffer[], maxFrameSize = 0): Receiver => ({
  rest: Buffer.alloc(0),
  gathered: [],
  received: 0,
  awaited: 0,
  maxFrameSize,
  stream: { read: () => pieces.shift() ?? null },
});

function framesOf(pieces: Buffer[]): Frame[] {
  const from = receiver(pieces);
  const frames: Frame[] = [];
  for (;;) {
    const frame = Connection.prototype.recvFrame.call(from);
    if (frame !== false) frames.push(frame);
    // Octets that come later: the next call reads them.
    else if (pieces.length === 0) return frames;
  }
}

const payloads = [0, 1, 2, 300, 5_000].map((length, n) => Buffer.alloc(length, n + 1));
const octets = Buffer.concat(payloads.map((payload, n) => makeBodyFrame(n, payload)));

test('the pieces of a frame are the frame', () => {
  for (const [n, payload] of payloads.entries()) {
    expect(Buffer.concat(bodyFramePieces(n, payload))).toEqual(makeBodyFrame(n, payload));
  }
});

test.each([1, 2, 3, 6, 7, 8, 9, 100, 309, 4_096, 65_536])(
  'frames arrive unchanged in pieces of %i octets',
  (size) => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < octets.length; at += size) pieces.push(octets.subarray(at, at + size));
    const expected = payloads.map((content, channel) => ({ channel, content }));
    expect(framesOf(pieces)).toMatchObject(expected);
  },
);

test('a frame above the limit is refused with its header, before its octets have come', () => {
  const begun = makeBodyFrame(1, Buffer.alloc(5_000)).subarray(0, 7);
  const from = receiver([begun], 4_096);
  expect(() => Connection.prototype.recvFrame.call(from)).toThrow('exceeds maxFrameSize');
});
