import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import type { Channel } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLink, type Link } from '../src/link.ts';
import { closeFrame, frameByFrame, type OnFrame } from './frames.ts';
import { noneUncaught } from './uncaught.ts';

const log = createLogger('delivery', 'error', { write: () => undefined });
let broker: TestBroker;
let cleanup: AsyncDisposableStack;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (opened) => opened.close());
});
afterEach(() => cleanup.disposeAsync());
noneUncaught();

/** connection.start, .tune and .open-ok, channel.open-ok, queue.declare-ok. */
const framesOfSetUp = 5;

async function declare(channel: Channel): Promise<void> {
  await channel.assertQueue('', { exclusive: true });
}

/** A link with one channel. */
function open(url: string, { setUp = declare, patience = 15_000 } = {}) {
  const link: Link = openLink({ url, service: 'ingress', log }, 'consume', patience);
  return { link, channel: link.openChannel({ open: (model) => model.createChannel(), setUp }) };
}

async function peer(onFrame: OnFrame) {
  return cleanup.adopt(await frameByFrame(broker.url, onFrame), (opened) => opened.close());
}

test('a set-up that the broker never answers times out, and the next connection tries again', async () => {
  let setUps = 0;
  const never = () =>
    (setUps += 1) === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
  // Enough for the second connection on a busy machine.
  const { link, channel } = open(broker.url, { setUp: never, patience: 2_000 });
  cleanup.defer(() => link.close());
  await eventually(() => expect(channel.isUp()).toBe(true));
  expect(setUps).toBe(2);
});

test('a handshake that the broker never finishes times out, and the next connection tries again', async () => {
  const way = await peer(({ octets, number, connection }, client) => {
    if (connection > 1 || number === 1) client.write(octets);
  });
  const { link, channel } = open(way.url, { patience: 2_000 });
  cleanup.defer(() => link.close());
  await eventually(() => expect(channel.isUp()).toBe(true));
});

/** The event at a frame, instead of it or after it. */
const ends: Record<string, (client: Socket, octets: Buffer) => void> = {
  'is reset': (client) => client.resetAndDestroy(),
  ends: (client) => client.end(),
  'ends after a frame': (client, octets) => client.end(octets),
  'is closed after a frame': (client, octets) =>
    client.write(Buffer.concat([octets, closeFrame(0, 320)])),
  'is closed with a failure after a frame': (client, octets) =>
    client.write(Buffer.concat([octets, closeFrame(0, 541)])),
  'turns into garbage after a frame': (client, octets) =>
    client.write(Buffer.concat([octets, Buffer.alloc(64, 0xff)])),
};

/** Repeats a scenario at each frame of the connection, all frames in parallel. */
async function atEachFrame(rounds: number, scene: (at: number, round: number) => Promise<void>) {
  for (let round = 0; round < rounds; round += 1) {
    const frames = Array.from({ length: framesOfSetUp }, (_, index) => index + 1);
    await Promise.all(frames.map((at) => scene(at, round)));
  }
}

test.each(Object.keys(ends))('a connection that %s at any frame comes back', (how) =>
  atEachFrame(4, async (at) => {
    const way = await frameByFrame(broker.url, ({ octets, number, connection }, client) => {
      if (connection === 1 && number === at) ends[how]?.(client, octets);
      else if (client.writable) client.write(octets);
    });
    const { link, channel } = open(way.url);
    await eventually(() => expect(way.passages()).toBe(2), { every: 5 });
    await eventually(() => expect(channel.isUp()).toBe(true), { every: 5 });
    await link.close();
    await way.close();
  }),
);

test.each([...Object.keys(ends), 'goes on', 'hears nothing'])(
  'a link that is closed at any frame of its connection ends, also if that %s',
  (how) =>
    atEachFrame(8, async (at, round) => {
      const reached = Promise.withResolvers<() => void>();
      const way = await frameByFrame(broker.url, ({ octets, number }, client) => {
        if (number < at || (number > at && how !== 'hears nothing')) client.write(octets);
        if (number !== at) return;
        reached.resolve(() => {
          if (how === 'goes on') client.write(octets);
          else ends[how]?.(client, octets);
        });
      });
      const { link } = open(way.url, { patience: 200 });
      const goOn = await reached.promise;
      const closed = round % 2 === 0 ? link.close() : undefined;
      goOn();
      await (closed ?? link.close());
      await eventually(() => expect(way.open()).toBe(0), { every: 1 });
      await way.close();
    }),
);

test('a link that is closed before its first attempt makes no connection', async () => {
  for (let round = 0; round < 100; round += 1) {
    const { link, channel } = open(broker.url);
    await link.close();
    expect([link.isUp(), channel.isUp()]).toEqual([false, false]);
  }
});

test('a connection that breaks while it is being closed is closed', async () => {
  for (let round = 0; round < 40; round += 1) {
    let client: Socket | undefined;
    const way = await frameByFrame(broker.url, ({ octets, number }, to) => {
      client = to;
      if (number <= framesOfSetUp) to.write(octets);
      // connection.close-ok
      else if (round % 2 === 0) to.resetAndDestroy();
      else to.end();
    });
    const { link, channel } = open(way.url);
    await eventually(() => expect(channel.isUp()).toBe(true), { every: 1 });
    const gone = client && once(client, 'close');
    await link.close();
    await gone;
    await way.close();
  }
});

test('a channel that the broker closes is opened again, and the other channels of its connection stay open', async () => {
  const way = await peer(({ octets }, client) => client.write(octets));
  const { link, channel } = open(way.url);
  cleanup.defer(() => link.close());
  let attempts = 0;
  const refused = link.openChannel({
    open: (model) => model.createChannel(),
    // A missing queue (404), until the third attempt.
    setUp: (opened) =>
      (attempts += 1) < 3 ? opened.checkQueue('missing').then(() => undefined) : declare(opened),
  });
  await eventually(() => expect(channel.isUp()).toBe(true));
  await eventually(() => expect(refused.isUp()).toBe(true));
  expect([attempts, way.passages()]).toEqual([3, 1]);
});

test('a channel without an answer from the broker closes the connection, and all channels are restored', async () => {
  const way = await peer(({ octets }, client) => client.write(octets));
  // Enough for the second connection on a busy machine.
  const { link, channel } = open(way.url, { patience: 2_000 });
  cleanup.defer(() => link.close());
  await eventually(() => expect(channel.isUp()).toBe(true));
  let attempts = 0;
  const silent = link.openChannel({
    open: (model) => model.createChannel(),
    setUp: (opened) =>
      (attempts += 1) === 1 ? new Promise<void>(() => undefined) : declare(opened),
  });
  await eventually(() => expect([silent.isUp(), channel.isUp()]).toEqual([true, true]));
  expect([attempts, way.passages()]).toEqual([2, 2]);
});

test('a channel that is closed stays closed, and its connection stays open', async () => {
  const { link, channel } = open(broker.url);
  cleanup.defer(() => link.close());
  await eventually(() => expect(channel.isUp()).toBe(true));
  await channel.close();
  const next = link.openChannel({ open: (model) => model.createChannel(), setUp: declare });
  await eventually(() => expect(next.isUp()).toBe(true));
  expect([link.isUp(), channel.isUp()]).toEqual([true, false]);
});
