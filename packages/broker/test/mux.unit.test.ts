import { createRequire } from 'node:module';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';

interface Mux {
  pipeFrom(frames: PassThrough): void;
}
/** The library's own module, which a patch changes (patches/README.md); the package does not export it. */
const require = createRequire(import.meta.url);
const file = path.join(path.dirname(require.resolve('amqplib')), 'lib', 'mux.js');
const { Mux } = require(file) as { Mux: new (socket: Writable) => Mux };

/** A socket that records the number of octets of each write. */
function socket(highWaterMark: number): { stream: Writable; writes: number[] } {
  const writes: number[] = [];
  const stream = new Writable({
    highWaterMark,
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.length);
      setImmediate(done);
    },
    writev(chunks: { chunk: Buffer }[], done) {
      writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
      setImmediate(done);
    },
  });
  return { stream, writes };
}

test('waiting frames leave in one write', async () => {
  const { stream, writes } = socket(1_000);
  const channel = new PassThrough({ objectMode: true });
  new Mux(stream).pipeFrom(channel);
  for (let n = 0; n < 5; n += 1) channel.write(Buffer.alloc(10));
  await turn();
  await turn();
  expect(writes).toEqual([50]);
});

test('a full socket stops it, and the remaining frames follow when the socket has room', async () => {
  const { stream, writes } = socket(30);
  const channel = new PassThrough({ objectMode: true });
  new Mux(stream).pipeFrom(channel);
  for (let n = 0; n < 10; n += 1) channel.write(Buffer.alloc(10));
  while (writes.reduce((sum, octets) => sum + octets, 0) < 100) await turn();
  expect(writes.slice(0, 3)).toEqual([30, 30, 30]);
});

test('no frame of another channel comes between the pieces of a frame', async () => {
  const sent: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      done();
    },
  });
  const mux = new Mux(stream);
  const channels = ['a', 'b'].map((name) => {
    const channel = new PassThrough({ objectMode: true });
    mux.pipeFrom(channel);
    for (let n = 0; n < 3; n += 1)
      channel.write([name, name, '|'].map((text) => Buffer.from(text)));
    return channel;
  });
  while (channels.some(({ readableLength }) => readableLength > 0)) await turn();
  expect(Buffer.concat(sent).toString()).toMatch(/^(aa\||bb\|){6}$/);
});
