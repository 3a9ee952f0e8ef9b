import { byService, serviceNames, type ServiceName } from './services.ts';
import {
  broadcastPrefix,
  broadcasts,
  projectedEntities,
  workQueues,
  type ExchangeName,
  type QueueBinding,
  type WorkQueue,
} from './topology.ts';

/** Stands for the id of a process in a binding. */
const someProcess = '{process}';

/** All bindings that a service makes, of its work queues and of its broadcast queues. */
function bindingsOf(service: ServiceName): readonly QueueBinding[] {
  return [
    ...queuesOf(service).flatMap(({ bindings }) => bindings),
    ...broadcasts.fences(service, someProcess),
    ...broadcasts.changes(projectedEntities[service]),
    // Privacy waits for the processes of all, and keeps no keys. The others may share among their own.
    ...broadcasts.processes(service === 'privacy' ? serviceNames : [service]),
    ...(service === 'privacy' ? [] : broadcasts.keysDropped),
  ];
}

const queuesOf = (service: ServiceName): readonly WorkQueue[] =>
  workQueues.filter(({ name }) => name.startsWith(`${service}.`));

/** Regular expressions of RabbitMQ's access control, for one user. */
export interface BrokerPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

const literal = (name: string) =>
  name.replaceAll(/[.*]/g, String.raw`\$&`).replaceAll(someProcess, '[0-9a-f-]{36}');
const oneOf = (names: readonly string[]) => `^(${names.map(literal).join('|')})$`;

/**
 * A service declares its own queues and no exchange, publishes to its own exchange, and reads its own
 * queues. Binding a queue needs `write` on the queue and `read` on the exchange, and binding one
 * exchange to another needs `write` on the one that gets the messages: only a service itself could do
 * that to its exchange.
 */
function permissionsOf(service: ServiceName): BrokerPermissions {
  const broadcastQueues = `^${literal(broadcastPrefix(service))}.+$`;
  const own = queuesOf(service).map(({ name }) => name);
  const heard = new Set(bindingsOf(service).map(({ exchange }) => exchange));
  return {
    configure: `${oneOf(own)}|${broadcastQueues}`,
    write: `${oneOf([...own, service])}|${broadcastQueues}`,
    read: `${oneOf([...own, ...heard])}|${broadcastQueues}`,
  };
}

export const brokerPermissions = byService(permissionsOf);

/** Of one exchange: which routing keys a user may publish with, and which it may bind a queue to. */
export interface TopicPermissions {
  readonly exchange: ExchangeName;
  readonly write: string;
  readonly read: string;
}

/**
 * On an exchange are messages for several readers. Each may bind just what it is to hear: logging, say,
 * gets what ingress tells of mail, and not the mail. Publishing is decided by the exchange alone.
 */
function topicPermissionsOf(service: ServiceName): readonly TopicPermissions[] {
  const all = bindingsOf(service);
  return [...new Set(all.map(({ exchange }) => exchange))].map((exchange) => {
    const keys = all.flatMap((binding) => (binding.exchange === exchange ? binding.key : []));
    return { exchange, write: exchange === service ? '.*' : '', read: oneOf(keys) };
  });
}

export const brokerTopicPermissions = byService(topicPermissionsOf);
