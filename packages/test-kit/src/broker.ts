import { randomUUID } from 'node:crypto';
import type { ServiceName } from '@mysmtp/contracts';
import { declareExchanges, managementApi, putPolicies } from '@mysmtp/provision';
import { connect, type Replies } from 'amqplib';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';
import { proxyTo } from './proxy.ts';

export interface TestBroker {
  /** AMQP, with all rights in a virtual host of its own, through a proxy of this process. */
  readonly url: string;
  readonly vhost: string;
  /** Breaks each connection to `url`, as a network failure would; waits for one if there is none. */
  cutConnections(): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  /** Messages in a queue that no consumer holds. */
  messagesReady(queue: string): Promise<number>;
  /** Resolves once a queue has a consumer, and so its bindings. */
  untilConsumed(queue: string): Promise<void>;
  /**
   * Publishes to the exchange of a service, as that service does. Rejects if no queue takes a `mandatory`
   * message.
   */
  say(as: ServiceName, said: Said): Promise<void>;
  close(): Promise<void>;
}

export interface Said {
  readonly key: string;
  readonly content: Buffer;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly mandatory?: boolean;
}

/** A virtual host with the product's exchanges and policies, on the run's RabbitMQ. */
export async function freshBroker(): Promise<TestBroker> {
  const management = managementApi(inject('rabbitmqManagementUrl'));
  const base = new URL(inject('rabbitmqUrl'));
  const vhost = `test-${randomUUID()}`;
  await management.put(`vhosts/${vhost}`);
  await management.put(`permissions/${vhost}/${base.username}`, {
    configure: '.*',
    write: '.*',
    read: '.*',
  });
  await declareExchanges(management, vhost);
  await putPolicies(management, vhost);
  base.pathname = `/${vhost}`;
  const way = await proxyTo(base.href);
  const speaker = await openSpeaker(base.href);

  async function stateOf(queue: string): Promise<Replies.AssertQueue> {
    const connection = await connect(base.href);
    // If there is no such queue, the broker closes the channel and `checkQueue` rejects. An error event
    // without a listener would end the process.
    connection.on('error', () => undefined);
    try {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      return await channel.checkQueue(queue);
    } finally {
      await connection.close();
    }
  }

  return {
    url: way.url,
    vhost,
    // RabbitMQ's own list shows a new connection some seconds late.
    async cutConnections() {
      await eventually(
        () => {
          if (way.connections() === 0) throw new Error('Nothing is connected to the broker');
        },
        { every: 5 },
      );
      way.cut();
      way.mend();
    },
    deleteQueue: (name) => management.remove(`queues/${vhost}/${name}`),
    messagesReady: async (queue) => (await stateOf(queue)).messageCount,
    untilConsumed: (queue) =>
      eventually(async () => {
        if ((await stateOf(queue)).consumerCount === 0)
          throw new Error('The queue has no consumer');
      }),
    say: speaker.say,
    async close() {
      await speaker.close();
      await management.remove(`vhosts/${vhost}`);
      await way.close();
    },
  };
}

async function openSpeaker(url: string): Promise<Pick<TestBroker, 'say' | 'close'>> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  const returned = new Set<unknown>();
  channel.on('return', ({ properties }) => returned.add(properties.messageId));
  return {
    say: (as, { key, content, headers = {}, mandatory = false }) =>
      new Promise((resolve, reject) => {
        const messageId = randomUUID();
        channel.publish(as, key, content, { messageId, headers, mandatory }, (error: unknown) => {
          // A returned message is also confirmed, right after it.
          if (error === null && !returned.has(messageId)) resolve();
          else reject(new Error(`No queue is bound to ${key}`, { cause: error }));
        });
      }),
    close: () => connection.close(),
  };
}
