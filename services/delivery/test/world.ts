import { setTimeout as sleep } from 'node:timers/promises';
import { openBroker, openConsumer, openPublisher } from '@mysmtp/broker';
import {
  Attempt,
  attemptRecord,
  MessageEvents,
  queues,
  routingKeys,
  SpoolReleased,
  type MessageEvent,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { packBatch } from '@mysmtp/mail';
import { openJson } from '@mysmtp/seal';
import { freshBroker, freshDatabase, type TestBroker } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import type { DeferredDocument } from '../src/deferred/document.ts';
import { newMail, type MailOptions } from './mail.ts';
import { startNeighbours, type TestDomain } from './neighbours.ts';

export const tenant = 'tenant-1';
export const domain: TestDomain = { id: 'domain-1', tenant, name: 'demo.example.org' };
export const other = 'tenant-2';

/** The environment of one delivery: broker, database, fake neighbours, and its published events. */
export async function startWorld(domains: readonly TestDomain[] = [domain]) {
  const resources = new AsyncDisposableStack();
  const neighbours = await startNeighbours([tenant, other], domains);
  resources.defer(neighbours.close);
  const broker = await freshBroker();
  resources.defer(broker.close);
  const database = await freshDatabase();
  resources.defer(database.close);
  const connection = await mongoose.createConnection(database.url).asPromise();
  resources.defer(() => connection.close());
  const quiet = createLogger('delivery', 'error', { write: () => undefined });
  const as = (service: 'delivery' | 'ingress') => {
    const opened = openBroker({ url: broker.url, service, log: quiet });
    resources.defer(opened.close);
    return opened;
  };
  const publisher = openPublisher(as('delivery'));
  resources.defer(publisher.close);

  // Logging and ingress are represented by their queues.
  const others = as('ingress');
  const events: MessageEvent[] = [];
  const released: string[] = [];
  for (const { queue, handle } of [
    {
      queue: queues.loggingMessages,
      handle: (content: Buffer) =>
        events.push(...MessageEvents.parse(JSON.parse(content.toString())).events),
    },
    {
      queue: queues.ingressSpool,
      handle: (content: Buffer) =>
        released.push(...SpoolReleased.parse(JSON.parse(content.toString())).ids),
    },
  ]) {
    const consumer = openConsumer(others, {
      queue,
      prefetch: 100,
      handle: async ({ content }) => {
        handle(content);
        return 'ack';
      },
    });
    resources.defer(consumer.close);
    while (!consumer.isUp()) await sleep(10);
  }
  const declaring = openConsumer(others, {
    queue: queues.deliveryMail,
    prefetch: 1,
    handle: async () => 'retry',
  });
  while (!declaring.isUp()) await sleep(10);
  await declaring.close();

  const sent = new Map<string, Mail>();
  const deferred = () =>
    connection
      .collection<DeferredDocument>('deferred')
      .find({}, { promoteBuffers: true })
      .sort({ _id: 1 })
      .toArray();

  return {
    neighbours,
    broker,
    database,
    connection,
    publisher,
    events,
    released,
    deferred: deferred,
    /** The deferred queue without tombstones. */
    open: async () => (await deferred()).filter(({ state }) => state !== 'finished'),
    /** Creates a message and publishes it as ingress does; returns its id. */
    async send(options: Partial<MailOptions> = {}): Promise<string> {
      const mail = newMail(neighbours, { tenant, ...options });
      await publishMail(broker, mail);
      sent.set(mail.headers.id, mail);
      return mail.headers.id;
    },
    /** Creates messages and publishes them in one broker message as ingress does; returns their ids. */
    async sendBatch(all: readonly Partial<MailOptions>[]): Promise<string[]> {
      const mails = all.map((options) => newMail(neighbours, { tenant, ...options }));
      const headers = { v: 1, messages: mails.length };
      const content = packBatch(mails.map((mail) => ({ ...mail, content: [mail.content] })));
      await broker.say('ingress', { key: routingKeys.mail, content, headers, mandatory: true });
      return mails.map(({ headers: { id } }) => id);
    },
    /** Publishes the same message again, as after a lost acknowledgement. */
    async sendAgain(id: string): Promise<void> {
      const mail = sent.get(id);
      if (mail === undefined) throw new Error('never sent');
      await publishMail(broker, mail);
    },
    /** Delivers all `count` waiting messages to a consumer that ends without an acknowledgement. */
    async redeliver(count: number): Promise<void> {
      let seen = 0;
      const all = Promise.withResolvers<void>();
      const consumer = openConsumer(others, {
        queue: queues.deliveryMail,
        prefetch: count,
        async handle() {
          if ((seen += 1) === count) all.resolve();
          await all.promise;
          await consumer.pause();
          return 'retry';
        },
      });
      await all.promise;
      await consumer.close();
    },
    publishRaw: (content: Buffer, headers: Record<string, string | number>) =>
      broker.say('ingress', { key: routingKeys.mail, content, headers }),
    eventsOf: (id: string) => events.filter((event) => event.id === id),
    /** Attempts of an event, opened. */
    attemptsOf: (event: MessageEvent): Attempt[] =>
      event.attempts.map((sealed, count) => {
        const day = new Date(event.acceptedAt).toISOString().slice(0, 10);
        const key = neighbours.keyOf(event.tenant, `events:${day}`);
        const record = attemptRecord(event.id, event.n, count);
        const context = { tenant: event.tenant, record };
        return Attempt.parse(openJson(key, context, Buffer.from(sealed, 'base64')));
      }),
    close: () => resources.disposeAsync(),
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;

type Mail = ReturnType<typeof newMail>;

const publishMail = (broker: TestBroker, { content, headers }: Mail): Promise<void> =>
  broker.say('ingress', { key: routingKeys.mail, content, headers, mandatory: true });
