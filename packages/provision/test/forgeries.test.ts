import { randomUUID } from 'node:crypto';
import {
  broadcasts,
  exchanges,
  projectedEntities,
  queues,
  routingKeys,
  serviceNames,
  workQueues,
  type QueueBinding,
  type ServiceName,
} from '@mysmtp/contracts';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { managementApi, setUpBroker } from '../src/index.ts';

/** Every known way in which a service could forge a message of another, on a provisioned broker. */
const management = managementApi(inject('rabbitmqManagementUrl'));
const vhost = `test ${randomUUID()}`;
const connections = new Map<ServiceName, ChannelModel>();

beforeAll(async () => {
  const urlOf = (service: ServiceName) => {
    const url = new URL(inject('rabbitmqUrl'));
    url.username = `${vhost}-${service}`;
    url.password = service;
    url.pathname = `/${encodeURIComponent(vhost)}`;
    return url.href;
  };
  const urls = Object.fromEntries(serviceNames.map((service) => [service, urlOf(service)]));
  await setUpBroker(management, urls as Record<ServiceName, string>);
  for (const service of serviceNames) {
    connections.set(service, await connect(urlOf(service), { noDelay: true }));
  }
  for (const { name, bindings } of workQueues) {
    const owner = serviceNames.find((service) => name.startsWith(`${service}.`)) ?? 'privacy';
    await may(owner, (channel) => listen(channel, name, bindings));
  }
});

afterAll(async () => {
  for (const connection of connections.values()) await connection.close();
  await management.remove(`vhosts/${encodeURIComponent(vhost)}`);
  for (const service of serviceNames) {
    await management.remove(`users/${encodeURIComponent(`${vhost}-${service}`)}`);
  }
});

type Act = (channel: ConfirmChannel) => Promise<unknown>;

/** Runs this as this service, over a separate channel: RabbitMQ refuses by closing the channel. */
async function may(service: ServiceName, act: Act): Promise<void> {
  const channel = await connections.get(service)?.createConfirmChannel();
  if (channel === undefined) throw new Error(`${service} is not connected`);
  const refused = new Promise<never>((_, reject) => {
    channel.on('error', reject);
  });
  await Promise.race([act(channel).then(() => channel.waitForConfirms()), refused]);
  await channel.close();
}

async function mayNot(service: ServiceName, what: string, act: Act): Promise<void> {
  await expect(may(service, act), `${service}: ${what}`).rejects.toThrow('ACCESS_REFUSED');
}

async function listen(
  channel: ConfirmChannel,
  name: string,
  bindings: readonly QueueBinding[],
): Promise<void> {
  await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
}

const publish = (exchange: string, key: string): Act => {
  const content = Buffer.from('{}');
  return (channel) => Promise.resolve(channel.publish(exchange, key, content));
};

/** The exchanges in which this service could do harm: those of the others, and that of dead letters. */
const foreign = (service: ServiceName) => exchanges.filter((name) => name !== service);

const heardBy = (service: ServiceName): readonly QueueBinding[] => [
  ...broadcasts.fences(service, randomUUID()),
  ...broadcasts.changes(projectedEntities[service]),
  ...broadcasts.processes(service === 'privacy' ? serviceNames : [service]),
  ...(service === 'privacy' ? [] : broadcasts.keysDropped),
];

const broadcastQueue = (service: ServiceName) => `${service}.broadcast.${randomUUID()}`;

test('each service can do its work', async () => {
  for (const service of serviceNames) {
    await may(service, publish(service, routingKeys.heartbeat(service, randomUUID())));
    await may(service, (channel) => channel.checkExchange(service));
    await may(service, async (channel) => {
      const name = broadcastQueue(service);
      await channel.assertQueue(name, { exclusive: true });
      for (const { exchange, key } of heardBy(service))
        await channel.bindQueue(name, exchange, key);
    });
  }
});

test('a direct publish into the exchange of another', async () => {
  for (const service of serviceNames) {
    for (const exchange of foreign(service)) {
      await mayNot(service, exchange, publish(exchange, `${exchange}.anything`));
      await mayNot(
        service,
        exchange,
        publish(exchange, routingKeys.heartbeat(service, randomUUID())),
      );
    }
  }
});

test('a direct publish into the queue of another', async () => {
  for (const service of serviceNames) {
    for (const { name } of workQueues) await mayNot(service, name, publish('', name));
  }
});

test('a binding of an exchange that it may read into the exchange of another', async () => {
  for (const service of serviceNames) {
    for (const exchange of foreign(service)) {
      const everything = ['ingress', 'amq.topic', 'amq.direct'].map((source) => ({
        exchange: source,
        key: '#',
      }));
      // With keys that it may bind, too; otherwise another rule would refuse it.
      for (const { exchange: source, key } of [...heardBy(service), ...everything]) {
        await mayNot(service, `${key} of ${source} to ${exchange}`, (channel) =>
          channel.bindExchange(exchange, source, key),
        );
      }
    }
  }
});

test('a binding of its own exchange into the exchange or the queue of another', async () => {
  for (const service of serviceNames) {
    for (const exchange of foreign(service)) {
      await mayNot(service, exchange, (channel) => channel.bindExchange(exchange, service, '#'));
    }
    for (const { name } of workQueues) {
      if (name.startsWith(`${service}.`)) continue;
      await mayNot(service, name, (channel) => channel.bindQueue(name, service, '#'));
    }
  }
});

test('an exchange of its own under the name of a queue, bound into the exchange or queue of another', async () => {
  for (const service of serviceNames) {
    for (const name of [broadcastQueue(service), `${service}.erasure`]) {
      await may(service, (channel) => channel.assertExchange(name, 'topic', { autoDelete: true }));
      for (const exchange of foreign(service)) {
        await mayNot(service, `${name} to ${exchange}`, (channel) =>
          channel.bindExchange(exchange, name, '#'),
        );
      }
      await mayNot(service, `${name} to another’s queue`, (channel) =>
        channel
          .bindQueue(queues.privacyAnswers.name, name, '#')
          .then(() => channel.bindQueue(queues.deliveryMail.name, name, '#')),
      );
      await may(service, (channel) => channel.deleteExchange(name));
    }
  }
});

test('the names of others, declared as an exchange or a queue', async () => {
  for (const service of serviceNames) {
    for (const other of serviceNames.filter((name) => name !== service)) {
      for (const name of [`${other}.erasure`, broadcastQueue(other), `${service}x.broadcast.a`]) {
        await mayNot(service, name, (channel) => channel.assertExchange(name, 'topic'));
        await mayNot(service, name, (channel) => channel.assertQueue(name));
      }
    }
  }
});

test('messages that the broker moves by itself: dead letters and alternate exchanges', async () => {
  for (const service of serviceNames) {
    for (const exchange of foreign(service)) {
      await mayNot(service, `dead letters to ${exchange}`, (channel) =>
        channel.assertQueue(broadcastQueue(service), { deadLetterExchange: exchange }),
      );
      await mayNot(service, `alternate ${exchange}`, (channel) =>
        channel.assertExchange(broadcastQueue(service), 'topic', { alternateExchange: exchange }),
      );
    }
  }
});

test('no service declares, deletes or changes an exchange, its own included', async () => {
  for (const service of serviceNames) {
    for (const exchange of exchanges) {
      await mayNot(service, `delete ${exchange}`, (channel) => channel.deleteExchange(exchange));
      await mayNot(service, `declare ${exchange}`, (channel) =>
        channel.assertExchange(exchange, 'topic', { durable: true }),
      );
    }
    await mayNot(service, 'declare one', (channel) => channel.assertExchange('anything', 'topic'));
  }
});

test('messages that are meant only for others', async () => {
  const said: QueueBinding[] = [
    { exchange: 'ingress', key: routingKeys.mail },
    { exchange: 'delivery', key: 'delivery.message.*' },
    { exchange: 'identity', key: routingKeys.identityChanged('credential') },
    { exchange: 'ingress', key: routingKeys.erasureAnswer('ingress') },
    { exchange: 'privacy', key: routingKeys.erasureCommand('ingress') },
  ];
  const everything = exchanges.map((exchange) => ({ exchange, key: '#' }));
  // The allowed bindings: those of the work queues and of the projections.
  const readers = new Map<QueueBinding | undefined, ServiceName>([
    [said[0], 'delivery'],
    [said[1], 'logging'],
    [said[2], 'ingress'],
    [said[3], 'privacy'],
    [said[4], 'ingress'],
  ]);
  for (const service of serviceNames) {
    for (const binding of [...said, ...everything]) {
      const { exchange, key } = binding;
      if (readers.get(binding) === service) continue;
      if (exchange === 'dead' && service === 'privacy') continue;
      await mayNot(service, `${key} of ${exchange}`, async (channel) => {
        const name = broadcastQueue(service);
        await channel.assertQueue(name, { exclusive: true });
        await channel.bindQueue(name, exchange, key);
      });
    }
  }
});
