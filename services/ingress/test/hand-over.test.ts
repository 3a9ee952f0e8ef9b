import { setTimeout as sleep } from 'node:timers/promises';
import { openConsumer, openPublisher, type Publisher } from '@mysmtp/broker';
import { MailHeaders, newMessageId, queues } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, proxyTo, type Proxy, type TestBroker } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHandOver, type Parcel } from '../src/intake/hand-over.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let broker: TestBroker;
let proxy: Proxy;
let publisher: Publisher;
/** Ids in the order of arrival, each as often as it came. */
let arrived: string[];
let parcel: Parcel;
let isWanted: boolean;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  broker = cleanup.adopt(await freshBroker(), (open) => open.close());
  proxy = cleanup.adopt(await proxyTo(broker.url), (open) => open.close());
  arrived = [];
  const consumer = await openConsumer({
    url: broker.url,
    name: 'test',
    log,
    queue: queues.deliveryMail,
    prefetch: 100,
    handle({ headers }) {
      arrived.push(MailHeaders.parse(headers).id);
      return Promise.resolve('ack');
    },
  });
  cleanup.defer(() => consumer.close());
  await eventually(() => expect(consumer.isUp()).toBe(true));
  const opened = await openPublisher({ url: proxy.url, name: 'test', log });
  publisher = cleanup.adopt(opened, (open) => open.close());
  await eventually(() => expect(publisher.isReady()).toBe(true));
  isWanted = true;
  const content = Buffer.from('sealed');
  parcel = { id: newMessageId(Date.now()), tenant: 'tenant', content, isWanted: () => isWanted };
});
afterEach(() => cleanup.disposeAsync());

/** The broker has the message and its confirm is lost with the connection. */
async function loseConfirm(taken: Promise<unknown>): Promise<void> {
  await eventually(() => expect(arrived).toEqual([parcel.id]));
  proxy.cut();
  // Long enough for an answer that should not come yet.
  expect(await Promise.race([taken, sleep(300, 'waiting')])).toBe('waiting');
}

test('a confirm that is lost is asked for again, under the same id, once the broker is back', async () => {
  const handOver = createHandOver(publisher, 20_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  proxy.mend();
  expect(await taken).toBeUndefined();
  await eventually(() => expect(arrived).toEqual([parcel.id, parcel.id]));
});

test('the broker stays away: nobody knows, and the client is told so in time', async () => {
  const handOver = createHandOver(publisher, 1_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  expect(await taken).toBe('unknown');
});

test('after a fence no second copy goes out', async () => {
  const handOver = createHandOver(publisher, 20_000);
  proxy.deafen();
  const taken = handOver(parcel);
  await loseConfirm(taken);
  isWanted = false;
  proxy.mend();
  expect(await taken).toBe('unknown');
  expect(arrived).toEqual([parcel.id]);
});

test('a broker that is away before anything was sent is an answer at once', async () => {
  proxy.cut();
  await eventually(() => expect(publisher.isReady()).toBe(false));
  expect(await createHandOver(publisher, 20_000)(parcel)).toBe('unavailable');
  proxy.mend();
});
