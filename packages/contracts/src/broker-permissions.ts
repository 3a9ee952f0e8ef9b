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

/** Placeholder for the id of a process in a binding. */
const someProcess = '{process}';

/** All bindings of a service, of its work queues and its broadcast queues. */
function bindingsOf(service: ServiceName): readonly QueueBinding[] {
  return [
    ...queuesOf(service).flatMap(({ bindings }) => bindings),
    ...broadcasts.fences(service, someProcess),
    ...broadcasts.changes(projectedEntities[service]),
    // Privacy waits for the processes of all services, keeps no keys and counts no attempts. Other services may share work
    // among their own.
    ...broadcasts.processes(service === 'privacy' ? serviceNames : [service]),
    ...(service === 'privacy' ? [] : [...broadcasts.keysDropped, ...broadcasts.authAttempts]),
    ...(service === 'ingress'
      ? [...broadcasts.credentialOutcomes, ...broadcasts.rowsPublished]
      : []),
    ...(service === 'delivery' ? broadcasts.suppressionChanged : []),
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
 * A service declares only its own queues and no exchange. It publishes to its own exchange and reads its
 * own queues. Binding a queue requires `write` on the queue and `read` on the exchange. Binding one
 * exchange to another requires `write` on the destination, so no other service can do that to a service's
 * exchange.
 */
function permissionsOf(service: ServiceName): BrokerPermissions {
  const broadcastQueues = `^${literal(broadcastPrefix(service))}.+$`;
  const own = queuesOf(service).map(({ name }) => name);
  const verified = new Set(bindingsOf(service).map(({ exchange }) => exchange));
  return {
    configure: `${oneOf(own)}|${broadcastQueues}`,
    write: `${oneOf([...own, service])}|${broadcastQueues}`,
    read: `${oneOf([...own, ...verified])}|${broadcastQueues}`,
  };
}

export const brokerPermissions = byService(permissionsOf);

/**
 * Of one exchange: the routing keys with which a user may publish, and those to which it may bind a
 * queue.
 */
export interface TopicPermissions {
  readonly exchange: ExchangeName;
  readonly write: string;
  readonly read: string;
}

/**
 * An exchange has messages for several readers. Each reader may bind only its own routing keys: logging,
 * for example, gets ingress's events about mail, and not the mail. The permission to publish depends on
 * the exchange alone.
 */
function topicPermissionsOf(service: ServiceName): readonly TopicPermissions[] {
  const all = bindingsOf(service);
  return [...new Set(all.map(({ exchange }) => exchange))].map((exchange) => {
    const keys = all.flatMap((binding) => (binding.exchange === exchange ? binding.key : []));
    return { exchange, write: exchange === service ? '.*' : '', read: oneOf(keys) };
  });
}

export const brokerTopicPermissions = byService(topicPermissionsOf);
