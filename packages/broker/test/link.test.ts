import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import type { ChannelModel } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLink, reopenWithChannel } from '../src/link.ts';
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

async function setUp(model: ChannelModel): Promise<void> {
  const channel = await model.createChannel();
  reopenWithChannel(model, channel, log);
  await channel.assertQueue('', { exclusive: true });
}

async function peer(onFrame: OnFrame) {
  return cleanup.adopt(await frameByFrame(broker.url, onFrame), (opened) => opened.close());
}

const settings = (url: string) => ({ url, service: 'ingress' as const, log });

test('a set-up that the broker never answers is given up, and the next connection tries again', async () => {
  let setUps = 0;
  const never = () =>
    (setUps += 1) === 1 ? new Promise<void>(() => undefined) : Promise.resolve();
  const link = await openLink(settings(broker.url), 'consume', never, 300);
  cleanup.defer(() => link.close());
  await eventually(() => expect(link.isUp()).toBe(true));
  expect(setUps).toBe(2);
});

test('a handshake that the broker never ends is given up, and the next connection tries again', async () => {
  const way = await peer(({ octets, number, connection }, client) => {
    if (connection > 1 || number === 1) client.write(octets);
  });
  const link = await openLink(settings(way.url), 'consume', setUp, 300);
  cleanup.defer(() => link.close());
  await eventually(() => expect(link.isUp()).toBe(true));
});

/** What happens at a frame, in the place of it or behind it. */
const ends: Record<string, (client: Socket, octets: Buffer) => void> = {
  'is reset': (client) => client.resetAndDestroy(),
  ends: (client) => client.end(),
  'ends behind a frame': (client, octets) => client.end(octets),
  'is closed behind a frame': (client, octets) =>
    client.write(Buffer.concat([octets, closeFrame(0, 320)])),
  'is closed with a failure behind a frame': (client, octets) =>
    client.write(Buffer.concat([octets, closeFrame(0, 541)])),
  'turns into garbage behind a frame': (client, octets) =>
    client.write(Buffer.concat([octets, Buffer.alloc(64, 0xff)])),
};

/** Repeats a scene at each frame of the connection, the frames side by side. */
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
    const link = await openLink(settings(way.url), 'consume', setUp);
    await eventually(() => expect(way.passages()).toBe(2), { every: 5 });
    await eventually(() => expect(link.isUp()).toBe(true), { every: 5 });
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
      const link = await openLink(settings(way.url), 'consume', setUp, 200);
      const goOn = await reached.promise;
      const closed = round % 2 === 0 ? link.close() : undefined;
      goOn();
      await (closed ?? link.close());
      await eventually(() => expect(way.open()).toBe(0), { every: 1 });
      await way.close();
    }),
);

test('a link that is closed before its first attempt makes none', async () => {
  for (let round = 0; round < 100; round += 1) {
    const link = await openLink(settings(broker.url), 'consume', setUp);
    await link.close();
    expect(link.isUp()).toBe(false);
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
    const link = await openLink(settings(way.url), 'consume', setUp);
    await eventually(() => expect(link.isUp()).toBe(true), { every: 1 });
    const gone = client && once(client, 'close');
    await link.close();
    await gone;
    await way.close();
  }
});
