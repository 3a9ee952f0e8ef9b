import { erasureQueues, originalKeyHeader, queues, routingKeys } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, proxyTo, type TestBroker } from '@mysmtp/test-kit';
import { connect } from 'amqplib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  openBroker,
  openConsumer,
  openControl,
  openPublisher,
  PublishError,
  type Broker,
  type BrokerSettings,
  type Consumer,
  type Delivery,
  type Outcome,
} from '../src/index.ts';

let broker: TestBroker;
let settings: BrokerSettings;
let connections: Broker;
const toClose: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  broker = await freshBroker();
  settings = { url: broker.url, service: 'ingress', log: createLogger('delivery', 'error') };
  connections = openBroker(settings);
  toClose.push(connections);
});

afterEach(async () => {
  for (const resource of toClose.splice(0).toReversed()) await resource.close();
  await broker.close();
});

async function publisher() {
  const opened = openPublisher(connections);
  toClose.push(opened);
  await eventually(() => expect(opened.isReady()).toBe(true));
  return opened;
}

async function consumer(handle: (delivery: Delivery) => Promise<Outcome>, prefetch = 10) {
  const opened: Consumer = openConsumer(connections, {
    queue: queues.deliveryMail,
    prefetch,
    handle,
  });
  toClose.push(opened);
  await eventually(() => expect(opened.isUp()).toBe(true));
  return opened;
}

const mail = (text: string) => ({
  key: routingKeys.mail,
  content: Buffer.from(text),
  mandatory: true,
});

test('a confirmed message reaches its consumer', async () => {
  const seen: string[] = [];
  await consumer(async ({ content }) => {
    seen.push(content.toString());
    return 'ack';
  });
  await (await publisher()).publish(mail('a'));
  await eventually(() => expect(seen).toEqual(['a']));
});

test('a message that no queue takes fails as returned, although RabbitMQ acks it', async () => {
  const opened = await publisher();
  await expect(opened.publish(mail('a'))).rejects.toMatchObject({ kind: 'returned' });
});

test('retry redelivers a message, marked as redelivered', async () => {
  const seen: boolean[] = [];
  await consumer(async ({ redelivered }) => {
    seen.push(redelivered);
    return redelivered ? 'ack' : 'retry';
  });
  await (await publisher()).publish(mail('a'));
  await eventually(() => expect(seen).toEqual([false, true]));
});

test('a handler that throws settles as retry', async () => {
  let calls = 0;
  await consumer(async () => {
    calls += 1;
    if (calls === 1) throw new Error('first time');
    return 'ack';
  });
  await (await publisher()).publish(mail('a'));
  await eventually(() => expect(calls).toBe(2));
});

test('both ends reconnect after their connections are cut, and nothing confirmed is lost', async () => {
  const seen = new Set<string>();
  const held = await consumer(async ({ content }) => {
    seen.add(content.toString());
    return 'ack';
  });
  const opened = await publisher();
  const confirmed: string[] = [];
  for (let index = 0; index < 300; index += 1) {
    if (index === 100 || index === 200) await broker.cutConnections();
    try {
      await opened.publish(mail(String(index)));
      confirmed.push(String(index));
    } catch (error) {
      expect(error).toBeInstanceOf(PublishError);
      await eventually(() => expect(opened.isReady()).toBe(true));
    }
  }
  expect(confirmed.length).toBeGreaterThan(250);
  await eventually(() => expect(held.isUp()).toBe(true));
  await eventually(() => expect(confirmed.filter((id) => !seen.has(id))).toEqual([]));
});

test('a consumer recovers when its queue is deleted under it', async () => {
  const seen: string[] = [];
  const held = await consumer(async ({ content }) => {
    seen.push(content.toString());
    return 'ack';
  });
  await broker.deleteQueue(queues.deliveryMail.name);
  const opened = await publisher();
  await eventually(async () => {
    expect(held.isUp()).toBe(true);
    await opened.publish(mail('after'));
  });
  await eventually(() => expect(seen).toContain('after'));
});

test('a paused consumer gets no messages, a resumed one gets the waiting ones', async () => {
  const seen: string[] = [];
  const held = await consumer(async ({ content }) => {
    seen.push(content.toString());
    return 'ack';
  });
  const opened = await publisher();
  await held.pause();
  await opened.publish(mail('a'));
  expect(await broker.messagesReady(queues.deliveryMail.name)).toBe(1);
  expect(seen).toEqual([]);
  await held.resume();
  await eventually(() => expect(seen).toEqual(['a']));
});

test('the state of a queue has its messages and its consumers, also a consumer that only holds messages', async () => {
  const end = Promise.withResolvers<Outcome>();
  let begun = 0;
  const opened = openConsumer(connections, {
    queue: queues.deliveryMail,
    prefetch: 1,
    onBegin: () => void (begun += 1),
    handle: () => end.promise,
  });
  toClose.push(opened);
  await eventually(() => expect(opened.isUp()).toBe(true));
  const other = await consumer(async () => 'ack');
  await other.pause();
  expect(await opened.queueState()).toEqual({ waiting: 0, consumers: 1 });
  const sending = await publisher();
  await sending.publish(mail('a'));
  await sending.publish(mail('b'));
  await eventually(async () =>
    expect(await opened.queueState()).toEqual({ waiting: 1, consumers: 1 }),
  );
  // It gets no more messages, and its unsettled message may return to the queue.
  await opened.pause();
  expect(await other.queueState()).toEqual({ waiting: 1, consumers: 1 });
  end.resolve('ack');
  await eventually(async () => expect((await other.queueState()).consumers).toBe(0));
  expect(begun).toBe(1);
});

test('closing waits for running handlers', async () => {
  let finished = false;
  let started = false;
  const held = openConsumer(connections, {
    queue: queues.deliveryMail,
    prefetch: 10,
    handle: async () => {
      started = true;
      await new Promise((resolve) => setTimeout(resolve, 200));
      finished = true;
      return 'ack';
    },
  });
  await eventually(() => expect(held.isUp()).toBe(true));
  await (await publisher()).publish(mail('a'));
  await eventually(() => expect(started).toBe(true));
  await held.close();
  expect(finished).toBe(true);
  expect(await broker.messagesReady(queues.deliveryMail.name)).toBe(0);
});

test('a broadcast reaches every listening process, and a reconnect is reported', async () => {
  const seen: string[] = [];
  let bound = 0;
  for (const name of ['one', 'two']) {
    const control = openControl(connections);
    toClose.push(control);
    control.subscribe({
      bindings: [{ exchange: 'privacy', key: routingKeys.keysDropped }],
      handle: ({ content }) => void seen.push(`${name} ${content.toString()}`),
      onBound: () => void (bound += 1),
    });
  }
  await eventually(() => expect(bound).toBe(2));
  const drop = { key: routingKeys.keysDropped, content: Buffer.from('x') };
  await broker.say('privacy', drop);
  await eventually(() => expect(seen.sort()).toEqual(['one x', 'two x']));
  await broker.cutConnections();
  await eventually(() => expect(bound).toBe(4));
});

test('without a broker a publish is refused at once, and succeeds when the broker is back', async () => {
  const away = openBroker({ ...settings, url: 'amqp://127.0.0.1:1/' });
  const opened = openPublisher(away);
  toClose.push(away, opened);
  expect(opened.isReady()).toBe(false);
  await expect(opened.publish(mail('a'))).rejects.toMatchObject({ kind: 'unavailable' });
});

test('a service does not declare a missing exchange, and is not ready until the exchange exists', async () => {
  const lines: { event: string; reason?: string }[] = [];
  const log = createLogger('delivery', 'debug', {
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });
  const administrator = await connect(broker.url);
  const channel = await administrator.createChannel();
  await channel.deleteExchange('ingress');
  const logged = openBroker({ ...settings, log });
  const sending = openPublisher(logged);
  const taking = openConsumer(logged, {
    queue: queues.deliveryMail,
    prefetch: 1,
    handle: async () => 'ack',
  });
  toClose.push(logged, sending, taking);
  const missing = () => lines.filter(({ event }) => event === 'broker.exchange_missing');
  await eventually(() => expect(missing().length).toBeGreaterThan(3));
  expect(new Set(missing().map(({ reason }) => reason))).toEqual(new Set(['ingress']));
  expect([sending.isReady(), taking.isUp()]).toEqual([false, false]);
  await expect(sending.publish(mail('a'))).rejects.toMatchObject({ kind: 'unavailable' });
  await channel.assertExchange('ingress', 'topic');
  await administrator.close();
  await eventually(() => expect([sending.isReady(), taking.isUp()]).toEqual([true, true]));
  await sending.publish(mail('a'));
});

test('a dead letter that is published again keeps its routing key, and no other sender can set one', async () => {
  const seen: string[] = [];
  const { name } = queues.loggingMessages;
  const opened = openConsumer(connections, {
    queue: queues.loggingMessages,
    prefetch: 1,
    async handle({ routingKey }) {
      seen.push(routingKey);
      return 'ack';
    },
  });
  toClose.push(opened);
  await eventually(() => expect(opened.isUp()).toBe(true));
  const headers = { [originalKeyHeader]: routingKeys.messageFinished };
  const content = Buffer.from('x');
  const again = { key: routingKeys.again(name), content, headers, mandatory: true };
  await broker.say('privacy', again);
  await broker.say('ingress', { ...again, key: routingKeys.messageAccepted });
  await expect(broker.say('ingress', again)).rejects.toThrow('No queue is bound');
  await eventually(() =>
    expect(seen).toEqual([routingKeys.messageFinished, routingKeys.messageAccepted]),
  );
});

test('a process has two connections, whatever its number of queues', async () => {
  const way = await proxyTo(broker.url);
  toClose.push(way);
  const both = openBroker({ ...settings, url: way.url });
  const sending = openPublisher(both);
  const listening = openControl(both);
  const taking = [queues.deliveryMail, queues.loggingMessages, erasureQueues.ingress].map((queue) =>
    openConsumer(both, { queue, prefetch: 1, handle: async () => 'ack' }),
  );
  toClose.push(both, sending, listening, ...taking);
  await eventually(() =>
    expect([sending.isReady(), ...[listening, ...taking].map((open) => open.isUp())]).toEqual(
      Array.from({ length: 5 }, () => true),
    ),
  );
  expect(way.connections()).toBe(2);
});

test('if a queue is deleted, the other consumers keep their messages', async () => {
  const end = Promise.withResolvers<Outcome>();
  const signals: AbortSignal[] = [];
  const holding = openConsumer(connections, {
    queue: queues.deliveryMail,
    prefetch: 1,
    handle(_delivery, lost) {
      signals.push(lost);
      return end.promise;
    },
  });
  const other = openConsumer(connections, {
    queue: queues.loggingMessages,
    prefetch: 1,
    handle: async () => 'ack',
  });
  toClose.push(holding, other);
  await eventually(() => expect([holding.isUp(), other.isUp()]).toEqual([true, true]));
  await (await publisher()).publish(mail('a'));
  await eventually(() => expect(signals).toHaveLength(1));
  await broker.deleteQueue(queues.loggingMessages.name);
  await eventually(async () => expect((await other.queueState()).consumers).toBe(1));
  expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  end.resolve('ack');
});
