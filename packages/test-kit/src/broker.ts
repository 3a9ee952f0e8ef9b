import { randomUUID } from 'node:crypto';
import { managementApi, putPolicies } from '@mysmtp/provision';
import { connect } from 'amqplib';
import { inject } from 'vitest';

export interface TestBroker {
  /** AMQP, with every right in a virtual host of its own. */
  readonly url: string;
  readonly vhost: string;
  /** Ends all connections to the virtual host, as a network failure would. */
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
  return {
    url: base.href,
    vhost,
    async cutConnections() {
      // RabbitMQ lists a new connection some seconds late, so ask until there is one to cut.
      for (let found = 0; found === 0;) {
        const open = await management.get<{ name: string }[]>(`vhosts/${vhost}/connections`);
        found = open.length;
        await Promise.all(
          open.map(({ name }) => management.remove(`connections/${encodeURIComponent(name)}`)),
        );
      }
    },
    deleteQueue: (name) => management.remove(`queues/${vhost}/${name}`),
    async messagesReady(queue) {
      const connection = await connect(base.href);
      try {
        const channel = await connection.createChannel();
        return (await channel.checkQueue(queue)).messageCount;
      } finally {
        await connection.close();
      }
    },
    close: () => management.remove(`vhosts/${vhost}`),
  };
}
