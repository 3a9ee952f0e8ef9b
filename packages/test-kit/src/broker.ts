import { randomUUID } from 'node:crypto';
import { managementApi, putPolicies } from '@mysmtp/provision';
import { connect } from 'amqplib';
import { inject } from 'vitest';
import { eventually } from './eventually.ts';
import { proxyTo } from './proxy.ts';

export interface TestBroker {
  /** AMQP, with every right in a virtual host of its own; by way of a proxy of this process. */
  readonly url: string;
  readonly vhost: string;
  /** Breaks each connection to `url`, as a network failure would; waits for one if there is none. */
  cutConnections(): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  /** Messages that wait in a queue and are with nobody. */
  messagesReady(queue: string): Promise<number>;
  close(): Promise<void>;
}

/** A virtual host with the product's policies, on the run's RabbitMQ. */
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
  await putPolicies(management, vhost);
  base.pathname = `/${vhost}`;
  const way = await proxyTo(base.href);
  return {
    url: way.url,
    vhost,
    // RabbitMQ's own list has a new connection some seconds late.
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
    async messagesReady(queue) {
      const connection = await connect(base.href);
      // The broker ends the channel if there is no such queue, which `checkQueue` rejects with. An
      // error event without a listener would end the process.
      connection.on('error', () => undefined);
      try {
        const channel = await connection.createChannel();
        channel.on('error', () => undefined);
        return (await channel.checkQueue(queue)).messageCount;
      } finally {
        await connection.close();
      }
    },
    async close() {
      await management.remove(`vhosts/${vhost}`);
      await way.close();
    },
  };
}
