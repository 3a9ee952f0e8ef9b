import { serviceNames, type ServiceName } from './services.ts';

/** Exchanges, each declared by everybody with these never-changing arguments. */
export const exchanges = {
  /** Sealed mail on its way to delivery. */
  mail: { name: 'mail', type: 'direct' },
  /** What happened, keys `service.entity.event`. */
  events: { name: 'events', type: 'topic' },
  /** Commands and broadcasts of the keyring and of erasures. */
  privacy: { name: 'privacy', type: 'topic' },
  /** Events and commands that no consumer could take; never mail. */
  dead: { name: 'dead', type: 'topic' },
} as const;
export type ExchangeName = keyof typeof exchanges;

/** Every routing key in use. */
export const routingKeys = {
  mail: 'delivery.mail',
  messageAccepted: 'ingress.message.accepted',
  messageDeferred: 'delivery.message.deferred',
  messageFinished: 'delivery.message.finished',
  spoolReleased: 'delivery.spool.released',
  identityChanged: (entity: string) => `identity.${entity}.changed`,
  keysDropped: 'privacy.keys.dropped',
  fenceRaised: 'privacy.fence.raised',
  processAlive: (service: ServiceName) => `${service}.process.alive`,
  anyProcessAlive: '*.process.alive',
  erasureCommand: (service: ServiceName) => `privacy.erasure.${service}`,
  erasureAnswer: (service: ServiceName) => `${service}.erasure.answer`,
  anyErasureAnswer: '*.erasure.answer',
  marker: (queue: string) => `privacy.marker.${queue}`,
  deadCanary: 'privacy.canary.dead',
} as const;

export interface QueueBinding {
  readonly exchange: ExchangeName;
  readonly key: string;
}

/** Markers of erasures come into the same queue as what they follow. */
const markersOf = (queue: string) =>
  ({ exchange: 'privacy', key: routingKeys.marker(queue) }) as const;

const erasureQueue = <const Service extends ServiceName>(service: Service) =>
  ({
    name: `${service}.erasure`,
    bindings: [{ exchange: 'privacy', key: routingKeys.erasureCommand(service) }],
  }) as const;

/** Work queues, all quorum queues, named `consumer.purpose`. Limits come by policy, never as arguments. */
export const queues = {
  deliveryMail: {
    name: 'delivery.mail',
    bindings: [{ exchange: 'mail', key: routingKeys.mail }, markersOf('delivery.mail')],
  },
  loggingMessages: {
    name: 'logging.messages',
    bindings: [
      { exchange: 'events', key: 'ingress.message.*' },
      { exchange: 'events', key: 'delivery.message.*' },
      markersOf('logging.messages'),
    ],
  },
  ingressSpool: {
    name: 'ingress.spool',
    bindings: [{ exchange: 'events', key: routingKeys.spoolReleased }, markersOf('ingress.spool')],
  },
  deadLetters: {
    name: 'privacy.dead',
    bindings: [{ exchange: 'dead', key: '#' }, markersOf('privacy.dead')],
  },
  ingressErasure: erasureQueue('ingress'),
  deliveryErasure: erasureQueue('delivery'),
  loggingErasure: erasureQueue('logging'),
  identityErasure: erasureQueue('identity'),
  privacyErasure: erasureQueue('privacy'),
  privacyAnswers: {
    name: 'privacy.answers',
    bindings: [{ exchange: 'privacy', key: routingKeys.anyErasureAnswer }],
  },
} as const satisfies Record<string, { name: string; bindings: readonly QueueBinding[] }>;
export type WorkQueue = (typeof queues)[keyof typeof queues];

/** Where a service gets the commands of erasures. */
export const erasureQueues = {
  ingress: queues.ingressErasure,
  delivery: queues.deliveryErasure,
  logging: queues.loggingErasure,
  identity: queues.identityErasure,
  privacy: queues.privacyErasure,
} as const satisfies Record<ServiceName, WorkQueue>;

/** Exclusive queues, one for each process, start with the service's name and this. */
export const broadcastPrefix = (service: ServiceName) => `${service}.broadcast.`;

/** Messages of this size and more leave the broker message and go to the spool. Octets. */
export const inlineLimit = 128 * 1024;

/** Regular expressions of RabbitMQ's access control, for one user. */
export interface BrokerPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/** Queues and exchanges a service may declare, publish to and read from: no more than it needs. */
function permissions(
  service: ServiceName,
  consumes: readonly string[],
  publishesTo: readonly string[],
  readsFrom: readonly string[],
): BrokerPermissions {
  const queuesOf = [...consumes, erasureQueues[service].name];
  const own = [...queuesOf.map(literal), `${literal(broadcastPrefix(service))}.+`];
  const declared = Object.values(exchanges).map((exchange) => literal(exchange.name));
  return {
    configure: oneOf([...own, ...declared]),
    // Binding a queue needs write on the queue and read on the exchange.
    // Everybody answers privacy, each in its own name (brokerTopicPermissions).
    write: oneOf([...own, ...publishesTo.map(literal), literal(exchanges.privacy.name)]),
    read: oneOf([...own, ...readsFrom.map(literal)]),
  };
}

const literal = (name: string) => name.replaceAll('.', String.raw`\.`);
const oneOf = (names: readonly string[]) => `^(${names.join('|')})$`;

export const brokerPermissions: Readonly<Record<ServiceName, BrokerPermissions>> = {
  ingress: permissions(
    'ingress',
    [queues.ingressSpool.name],
    ['mail', 'events'],
    ['events', 'privacy'],
  ),
  delivery: permissions(
    'delivery',
    [queues.deliveryMail.name],
    ['mail', 'events'],
    ['mail', 'events', 'privacy'],
  ),
  logging: permissions('logging', [queues.loggingMessages.name], [], ['events', 'privacy']),
  identity: permissions('identity', [], ['events'], ['events', 'privacy']),
  privacy: permissions(
    'privacy',
    [queues.deadLetters.name, queues.privacyAnswers.name],
    // Events too, to publish a dead letter again; dead for its canary.
    ['events', 'dead'],
    ['events', 'privacy', 'dead'],
  ),
};

/**
 * In exchange `privacy` a service speaks in its own name only: nobody but privacy can raise a fence,
 * drop a key or order an erasure (RabbitMQ's topic authorisation).
 */
export const brokerTopicPermissions: Readonly<
  Record<ServiceName, { readonly exchange: string; readonly write: string; readonly read: string }>
> = Object.fromEntries(
  serviceNames.map((service) => [
    service,
    { exchange: exchanges.privacy.name, write: String.raw`^${service}\..+$`, read: '.*' },
  ]),
) as Record<ServiceName, { exchange: string; write: string; read: string }>;

export interface BrokerPolicy {
  readonly name: string;
  readonly pattern: string;
  readonly priority: number;
  readonly definition: Readonly<Record<string, string | number>>;
}

/**
 * How long a consumer may hold a message, in milliseconds: RabbitMQ's own default. Then the broker
 * closes the channel and hands out again everything that the process has. Delivery holds mail for
 * IN_HAND_TIME, which is at most half of it.
 */
const consumerTimeout = 1_800_000;

/** The policies for a broker of this version. From 3.12 on they also state the consumer timeout. */
export function brokerPoliciesFor(version: string): readonly BrokerPolicy[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 12)) return brokerPolicies;
  return brokerPolicies.map((policy) => ({
    ...policy,
    definition: { ...policy.definition, 'consumer-timeout': consumerTimeout },
  }));
}

/**
 * What may change over time is policy. Mail has no dead-letter target: delivery parks what it
 * cannot handle itself, so its delivery limit is only a last line far above that.
 */
const brokerPolicies: readonly BrokerPolicy[] = [
  {
    name: 'mail',
    pattern: String.raw`^delivery\.mail$`,
    priority: 10,
    definition: { 'delivery-limit': 1_000_000 },
  },
  {
    // Where dead letters end: what comes back from here (its database is away) must not vanish.
    name: 'dead',
    pattern: String.raw`^privacy\.dead$`,
    priority: 10,
    definition: { 'delivery-limit': 1_000_000 },
  },
  {
    name: 'events',
    pattern: String.raw`^(logging\.messages|ingress\.spool|\w+\.erasure|privacy\.answers)$`,
    priority: 10,
    definition: {
      'delivery-limit': 50,
      'dead-letter-exchange': 'dead',
      'dead-letter-strategy': 'at-least-once',
      overflow: 'reject-publish',
    },
  },
];
