import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConsumer, openPublisher, type Publisher } from '@mysmtp/broker';
import {
  Attempt,
  MessageEvents,
  queues,
  routingKeys,
  SpoolReleased,
  type MessageEvent,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { openJson } from '@mysmtp/seal';
import { Secret, type House } from '@mysmtp/service';
import { freshBroker, freshDatabase } from '@mysmtp/test-kit';
import mongoose from 'mongoose';
import { Registry } from 'prom-client';
import type { DeliveryConfig } from '../src/config.ts';
import { openResources } from '../src/resources.ts';
import type { ShelfDocument } from '../src/shelf/document.ts';
import { newMail, type MailOptions } from './mail.ts';
import { startNeighbours, type TestDomain } from './neighbours.ts';

export const tenant = 'tenant-1';
export const domain: TestDomain = { id: 'domain-1', tenant, name: 'demo.example.org' };
export const other = 'tenant-2';

/** Everything around one delivery: broker, database, neighbours, and what it tells the others. */
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
  const publisher = await openPublisher({ url: broker.url, name: 'test', log: quiet });
  resources.defer(publisher.close);

  // Logging and ingress as far as delivery knows them: their queues.
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
    const consumer = await openConsumer({
      url: broker.url,
      name: 'test',
      log: quiet,
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
  while (!publisher.isReady()) await sleep(10);
  const declaring = await openConsumer({
    url: broker.url,
    name: 'test',
    log: quiet,
    queue: queues.deliveryMail,
    prefetch: 1,
    handle: async () => 'retry',
  });
  while (!declaring.isUp()) await sleep(10);
  await declaring.close();

  const sent = new Map<string, Mail>();
  const shelf = () =>
    connection
      .collection<ShelfDocument>('shelf')
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
    shelf,
    /** What is on the shelf but tombstones. */
    open: async () => (await shelf()).filter(({ state }) => state !== 'finished'),
    /** Makes a message and publishes it as ingress does; answers its id. */
    async send(options: Partial<MailOptions> = {}): Promise<string> {
      const mail = newMail(neighbours, { tenant, ...options });
      await publishMail(publisher, mail);
      sent.set(mail.headers.id, mail);
      return mail.headers.id;
    },
    /** The same message once more, as after a lost acknowledgement. */
    async sendAgain(id: string): Promise<void> {
      const mail = sent.get(id);
      if (mail === undefined) throw new Error('never sent');
      await publishMail(publisher, mail);
    },
    /** Hands out all that waits in the queue, `count` messages, to a consumer that dies with them. */
    async redeliver(count: number): Promise<void> {
      let seen = 0;
      const all = Promise.withResolvers<void>();
      const consumer = await openConsumer({
        url: broker.url,
        name: 'test',
        log: quiet,
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
      publisher.publish({ exchange: 'mail', key: routingKeys.mail, content, headers }),
    eventsOf: (id: string) => events.filter((event) => event.id === id),
    /** Attempts of an event, opened. */
    attemptsOf: (event: MessageEvent): Attempt[] =>
      event.attempts.map((sealed) => {
        const day = new Date(event.acceptedAt).toISOString().slice(0, 10);
        const key = neighbours.keyOf(event.tenant, `events:${day}`);
        const record = `attempt:${event.id}:${String(event.n)}`;
        const context = { tenant: event.tenant, record };
        return Attempt.parse(openJson(key, context, Buffer.from(sealed, 'base64')));
      }),
    close: () => resources.disposeAsync(),
  };
}
export type World = Awaited<ReturnType<typeof startWorld>>;

type Mail = ReturnType<typeof newMail>;

const publishMail = (publisher: Publisher, { content, headers }: Mail): Promise<void> =>
  publisher.publish({ exchange: 'mail', key: routingKeys.mail, content, headers, mandatory: true });

/** One delivery in this process, in a world; it knows all fences. `ahead`: its clock at the start. */
export async function startService(
  world: World,
  given: Partial<DeliveryConfig> = {},
  { ahead = 0, wireGrace }: { ahead?: number; wireGrace?: number } = {},
) {
  const resources = new AsyncDisposableStack();
  const { neighbours, broker, database } = world;
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('delivery', 'debug', {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  const clock = { ahead, now: () => Date.now() + clock.ahead };
  const metrics = new Registry();
  const apiPort = await freePort();
  const config: DeliveryConfig = {
    ...testConfig,
    apiPort,
    mongodbUrl: new Secret(database.url),
    rabbitmqUrl: new Secret(broker.url),
    serviceKeyFile: neighbours.keyFile,
    serviceJwksFile: neighbours.jwksFile,
    identityUrl: neighbours.urls.identity,
    privacyUrl: neighbours.urls.privacy,
    ingressUrl: neighbours.urls.ingress,
    ...given,
  };
  let stopping = false;
  const checks: (() => boolean | Promise<boolean>)[] = [];
  const house: House<DeliveryConfig> = {
    name: 'delivery',
    config,
    log,
    clock,
    metrics,
    own: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: (_name, check) => void checks.push(check),
    isStopping: () => stopping,
  };
  await openResources(house, wireGrace);
  const ready = async () =>
    (await Promise.all(checks.map(async (check) => check()))).every(Boolean);
  while (!(await ready())) await sleep(10);

  return {
    clock,
    url: `http://127.0.0.1:${String(apiPort)}`,
    lines,
    logged: (event: string) => lines.filter((line) => line['event'] === event),
    /** Value of a metric, over all labels or those given. */
    async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
      const metric = await metrics.getSingleMetric(name)?.get();
      return (metric?.values ?? [])
        .filter((value) =>
          Object.entries(labels).every(([key, want]) => value.labels[key] === want),
        )
        .reduce((sum, { value }) => sum + value, 0);
    },
    /** Calls the API with a bearer token. */
    async call(token: string, path: string, body?: unknown) {
      const response = await fetch(`http://127.0.0.1:${String(apiPort)}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    },
    async close() {
      if (stopping) return;
      stopping = true;
      await resources.disposeAsync();
    },
  };
}
export type Service = Awaited<ReturnType<typeof startService>>;

const minute = 60_000;

export const testConfig: Omit<
  DeliveryConfig,
  | 'apiPort'
  | 'mongodbUrl'
  | 'rabbitmqUrl'
  | 'serviceKeyFile'
  | 'serviceJwksFile'
  | 'identityUrl'
  | 'privacyUrl'
  | 'ingressUrl'
> = {
  logLevel: 'debug',
  bindAddress: '127.0.0.1',
  operationsPort: 1,
  stopDeadline: 10_000,
  ehloName: 'mail.relay.test',
  returnPathDomain: 'bounces.relay.test',
  postmaster: undefined,
  smarthost: undefined,
  dnsServers: undefined,
  mxPort: 25,
  privateMx: true,
  window: 500,
  shelfWindow: 200,
  claimLease: 3_000,
  siteConnections: 20,
  connectionMessages: 100,
  connectionIdle: minute,
  sitePatience: 5_000,
  retryFirst: 5 * minute,
  retryMax: 240 * minute,
  expiry: 5 * 1_440 * minute,
  handlingLimit: 5,
  connectTimeout: 2_000,
  greetingTimeout: 2_000,
  commandTimeout: 2_000,
  finalReplyTimeout: 2_000,
  transactionTimeout: 10_000,
};

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
