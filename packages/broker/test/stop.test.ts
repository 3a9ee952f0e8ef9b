import { queues, routingKeys } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, type TestBroker } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  openBroker,
  openConsumer,
  openPublisher,
  type Consumer,
  type Outcome,
  type Publisher,
} from '../src/index.ts';
import { closeFrame, frameByFrame } from './frames.ts';
import { noneUncaught } from './uncaught.ts';

const log = createLogger('delivery', 'error', { write: () => undefined });
const queue = queues.deliveryMail;
let broker: TestBroker;
let cleanup: AsyncDisposableStack;
let publisher: Publisher;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (opened) => opened.close());
  const sending = cleanup.adopt(connectTo(broker.url), (opened) => opened.close());
  publisher = cleanup.adopt(openPublisher(sending), (opened) => opened.close());
  await eventually(() => expect(publisher.isReady()).toBe(true));
});
afterEach(() => cleanup.disposeAsync());
noneUncaught();

const connectTo = (url: string) => openBroker({ url, service: 'ingress', log });

const publish = () =>
  publisher.publish({
    key: routingKeys.mail,
    content: Buffer.from('a'),
    mandatory: true,
  });

/** A consumer with one unsettled message; its connections are closed after it. */
async function holding(url: string, outcome: Promise<Outcome>): Promise<Consumer> {
  const taking = connectTo(url);
  const taken = Promise.withResolvers<void>();
  const handle = () => {
    taken.resolve();
    return outcome;
  };
  const consumer = openConsumer(taking, { queue, prefetch: 10, handle });
  await eventually(publish, { every: 5 });
  await taken.promise;
  return {
    ...consumer,
    async close() {
      await consumer.close();
      await taking.close();
    },
  };
}

test('a consumer whose queue is deleted stops, at the same moment or after', async () => {
  for (let round = 0; round < 20; round += 1) {
    const consumer = await holding(broker.url, Promise.resolve('ack'));
    const deleted = broker.deleteQueue(queue.name);
    if (round % 2 === 0) await deleted;
    await consumer.close();
    await deleted;
    expect(consumer.isUp()).toBe(false);
  }
});

test.each(['ack', 'retry', 'dead'] as const)(
  'a message that is settled as %s after its channel has ended is no error',
  async (outcome) => {
    for (let round = 0; round < 10; round += 1) {
      const end = Promise.withResolvers<Outcome>();
      const consumer = await holding(broker.url, end.promise);
      await broker.deleteQueue(queue.name);
      if (round % 2 === 0)
        await eventually(() => expect(consumer.isUp()).toBe(false), { every: 1 });
      end.resolve(outcome);
      await consumer.close();
    }
  },
);

test.each([404, 406])(
  'a channel that the broker ends with %i while its consumer stops',
  async (code) => {
    for (let at = 0; at < 15; at += 1) {
      let isStopping = false;
      let frames = 0;
      const way = await frameByFrame(broker.url, ({ octets }, client) => {
        if (isStopping) frames += 1;
        // Instead of basic.cancel-ok, then of channel.close-ok, then of connection.close-ok.
        if (isStopping && frames === 1 + (at % 3)) client.write(closeFrame(1, code));
        client.write(octets);
      });
      const end = Promise.withResolvers<Outcome>();
      const consumer = await holding(way.url, end.promise);
      isStopping = true;
      const closed = consumer.close();
      end.resolve('ack');
      await closed;
      await way.close();
    }
  },
);

test('a consumer stops although its connection breaks meanwhile', async () => {
  for (let at = 0; at < 15; at += 1) {
    let isStopping = false;
    let frames = 0;
    const way = await frameByFrame(broker.url, ({ octets }, client) => {
      if (isStopping) frames += 1;
      if (isStopping && frames === 1 + (at % 3)) client.resetAndDestroy();
      else if (client.writable) client.write(octets);
    });
    const consumer = await holding(way.url, Promise.resolve('ack'));
    isStopping = true;
    await consumer.close();
    await way.close();
  }
});

test('a consumer of a missing queue gets an error', async () => {
  for (let round = 0; round < 20; round += 1) {
    await expect(broker.messagesReady('missing')).rejects.toThrow('NOT_FOUND');
  }
});
