import { openBroker, openConsumer, openPublisher } from '@mysmtp/broker';
import { queues, routingKeys } from '@mysmtp/contracts';
import { eventually, freshBroker, proxyTo, type Proxy } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { messageEvents } from '../src/consumers/message-events.ts';
import { event, later } from './events.ts';
import { openStore } from './store.ts';

test('a service that stops while the database is down leaves its events in the queue', async () => {
  await using resources = new AsyncDisposableStack();
  const broker = await freshBroker();
  resources.defer(broker.close);
  let proxy: Proxy | undefined;
  const store = await openStore(async (url) => (proxy = await proxyTo(url)).url);
  resources.defer(() => proxy?.close());
  resources.defer(store.close);

  const as = (service: 'logging' | 'delivery') => {
    const opened = openBroker({ url: broker.url, service, log: store.log });
    resources.defer(opened.close);
    return opened;
  };

  /** The resources that the service opens and closes around its queue. */
  async function open() {
    const intake = store.intake(100);
    const consumer = openConsumer(as('logging'), {
      queue: queues.loggingMessages,
      prefetch: 100,
      handle: messageEvents({ intake, log: store.log, metrics: store.intakeMetrics }),
    });
    return async () => {
      intake.finish();
      await consumer.close();
    };
  }

  const publisher = openPublisher(as('delivery'));
  resources.defer(publisher.close);
  let stop = await open();
  await eventually(() => broker.messagesReady(queues.loggingMessages.name));
  proxy?.cut();
  await eventually(() =>
    publisher.publish({
      key: routingKeys.messageFinished,
      content: Buffer.from(JSON.stringify({ v: 1, events: [later(event(), 'delivered')] })),
      mandatory: true,
    }),
  );
  await stop();
  // The broker requeues it a moment after its return.
  await eventually(async () =>
    expect(await broker.messagesReady(queues.loggingMessages.name)).toBe(1),
  );

  proxy?.mend();
  stop = await open();
  await eventually(async () => {
    expect((await store.rows()).map(({ status }) => status)).toEqual(['delivered']);
  });
  await stop();
  expect(await broker.messagesReady(queues.loggingMessages.name)).toBe(0);
});
