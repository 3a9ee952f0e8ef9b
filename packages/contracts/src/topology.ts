import type { IdentityEntity } from './identity.ts';
import { byService, serviceNames, serviceOf, type ServiceName } from './services.ts';

/**
 * The exchange of a service, a durable topic exchange. Only that service may publish to it, so the
 * exchange proves the sender. `dead` has no publisher: policies dead-letter messages to it.
 */
export type ExchangeName = ServiceName | 'dead';
export const exchanges: readonly ExchangeName[] = [...serviceNames, 'dead'];

/** Exchanges of earlier releases. Remaining bindings to them must receive nothing any more. */
export const retiredExchanges = ['mail', 'events'] as const;

/** Every routing key in use. */
export const routingKeys = {
  mail: 'delivery.mail',
  messageAccepted: 'ingress.message.accepted',
  messageDeferred: 'delivery.message.deferred',
  messageFinished: 'delivery.message.finished',
  spoolReleased: 'delivery.spool.released',
  credentialOutcomes: 'delivery.credential.outcomes',
  rowsPublished: 'delivery.rows.published',
  suppressionChanged: 'delivery.suppression.changed',
  /** What the audit chain must contain. */
  securityEvents: (service: ServiceName) => `${service}.security.events`,
  identityChanged: (entity: string) => `identity.${entity}.changed`,
  keysDropped: 'privacy.keys.dropped',
  fenceRaised: 'privacy.fence.raised',
  /**
   * A heartbeat. Its key contains the id of the process, so that a process need not receive those of all
   * others.
   */
  heartbeat: (service: ServiceName, process: string) => `${service}.heartbeat.${process}`,
  /** What a process of the service has counted of attempts to authenticate. */
  authAttempts: (service: ServiceName) => `${service}.auth.attempts`,
  erasureCommand: (service: ServiceName) => `privacy.erasure.${service}`,
  erasureAnswer: (service: ServiceName) => `${service}.erasure.answer`,
  order: (service: ServiceName) => `privacy.order.${service}`,
  orderAnswer: (service: ServiceName) => `${service}.order.answer`,
  marker: (queue: string) => `privacy.marker.${queue}`,
  deadCanary: 'privacy.canary.dead',
  /** A dead letter that returns to its queue; its original routing key is in `originalKeyHeader`. */
  again: (queue: string) => `privacy.again.${queue}`,
} as const;

export const originalKeyHeader = 'original-routing-key';

export interface QueueBinding {
  readonly exchange: ExchangeName;
  readonly key: string;
}

export interface WorkQueue {
  readonly name: string;
  readonly bindings: readonly QueueBinding[];
  /** True if only one of several consumers gets messages at a time. Set as an argument: no policy has it. */
  readonly singleActive?: boolean;
}

/** Markers of erasures go into the same queue as the messages before them. */
const markersOf = (queue: string) =>
  ({ exchange: 'privacy', key: routingKeys.marker(queue) }) as const;

/** Dead letters of this queue return to it. */
const againTo = (queue: string) =>
  ({ exchange: 'privacy', key: routingKeys.again(queue) }) as const;

/** The queue in which a service gets the commands of erasures, and the orders of other requests. */
export const erasureQueues: Readonly<Record<ServiceName, WorkQueue>> = byService((service) => ({
  name: `${service}.erasure`,
  bindings: [
    { exchange: 'privacy', key: routingKeys.erasureCommand(service) },
    { exchange: 'privacy', key: routingKeys.order(service) },
  ],
}));

/**
 * The other work queues. All are quorum queues, named `consumer.purpose`. Limits are set by policy, never
 * as arguments.
 */
export const queues = {
  deliveryMail: {
    name: 'delivery.mail',
    bindings: [
      { exchange: 'ingress', key: routingKeys.mail },
      // Delivery status notifications, which delivery creates itself.
      { exchange: 'delivery', key: routingKeys.mail },
      markersOf('delivery.mail'),
    ],
  },
  loggingMessages: {
    name: 'logging.messages',
    bindings: [
      { exchange: 'ingress', key: 'ingress.message.*' },
      { exchange: 'delivery', key: 'delivery.message.*' },
      markersOf('logging.messages'),
      againTo('logging.messages'),
    ],
  },
  loggingSecurity: {
    name: 'logging.security',
    bindings: [
      ...serviceNames.map((service) => ({
        exchange: service,
        key: routingKeys.securityEvents(service),
      })),
      markersOf('logging.security'),
      againTo('logging.security'),
    ],
    singleActive: true,
  },
  ingressSpool: {
    name: 'ingress.spool',
    bindings: [
      { exchange: 'delivery', key: routingKeys.spoolReleased },
      markersOf('ingress.spool'),
      againTo('ingress.spool'),
    ],
  },
  deadLetters: {
    name: 'privacy.dead',
    bindings: [
      { exchange: 'dead', key: '#' },
      { exchange: 'privacy', key: routingKeys.deadCanary },
      markersOf('privacy.dead'),
    ],
  },
  privacyAnswers: {
    name: 'privacy.answers',
    bindings: serviceNames.flatMap((service) => [
      { exchange: service, key: routingKeys.erasureAnswer(service) },
      { exchange: service, key: routingKeys.orderAnswer(service) },
    ]),
  },
} as const satisfies Record<string, WorkQueue>;

export const workQueues: readonly WorkQueue[] = [
  ...Object.values(queues),
  ...Object.values(erasureQueues),
];

/** Exclusive queues, one for each process, start with the service's name and this. */
export const broadcastPrefix = (service: ServiceName) => `${service}.broadcast.`;

/** The entities of identity of which each service has a projection. */
export const projectedEntities = byService((service) => serviceOf(service).projects);

/** Names in counts are hashed under an index key (packages/auth-throttle), which privacy does not use. */
const countsAttempts = (service: ServiceName) => serviceOf(service).keys.includes('index');

/** What processes receive through queues of their own. */
export const broadcasts = {
  /** Fences, and the heartbeats of this process itself. */
  fences: (service: ServiceName, process: string): readonly QueueBinding[] => [
    { exchange: 'privacy', key: routingKeys.fenceRaised },
    { exchange: service, key: routingKeys.heartbeat(service, process) },
  ],
  /** Of all processes of the services that have the key of the counts. */
  authAttempts: serviceNames.filter(countsAttempts).map((service): QueueBinding => ({
    exchange: service,
    key: routingKeys.authAttempts(service),
  })),
  keysDropped: [{ exchange: 'privacy', key: routingKeys.keysDropped }],
  /** To every process of ingress, so that each throttles a credential at once. */
  credentialOutcomes: [{ exchange: 'delivery', key: routingKeys.credentialOutcomes }],
  /** To every process of ingress: any of them may have the first states of these rows. */
  rowsPublished: [{ exchange: 'delivery', key: routingKeys.rowsPublished }],
  /** To every process of delivery, so that an objection is in force in each at once. */
  suppressionChanged: [{ exchange: 'delivery', key: routingKeys.suppressionChanged }],
  changes: (entities: readonly IdentityEntity[]): readonly QueueBinding[] =>
    entities.map((entity) => ({ exchange: 'identity', key: routingKeys.identityChanged(entity) })),
  /** The heartbeats of all processes of these services. */
  processes: (services: readonly ServiceName[]): readonly QueueBinding[] =>
    services.map((service) => ({ exchange: service, key: routingKeys.heartbeat(service, '*') })),
} as const;

/** Messages of this size and more are stored in the spool, not in the broker message. Octets. */
export const inlineLimit = 128 * 1024;

export interface BrokerPolicy {
  readonly name: string;
  readonly pattern: string;
  readonly priority: number;
  readonly definition: Readonly<Record<string, string | number>>;
}

/**
 * How long a consumer may hold a message, in milliseconds: RabbitMQ's own default. After that the broker
 * closes the channel and redelivers all messages of the process. Delivery holds mail for IN_FLIGHT_TIME,
 * which is at most half of it.
 */
const consumerTimeout = 1_800_000;

/** The policies for a broker of this version. From 3.12 on they also set the consumer timeout. */
export function brokerPoliciesFor(version: string): readonly BrokerPolicy[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 12)) return brokerPolicies;
  return brokerPolicies.map((policy) => ({
    ...policy,
    definition: { ...policy.definition, 'consumer-timeout': consumerTimeout },
  }));
}

/**
 * Settings that may change over time are policies. Mail has no dead-letter target: delivery itself holds
 * what it cannot handle. Its delivery limit is a last resort far above the other limits.
 */
const brokerPolicies: readonly BrokerPolicy[] = [
  {
    name: 'mail',
    pattern: String.raw`^delivery\.mail$`,
    priority: 10,
    definition: { 'delivery-limit': 1_000_000 },
  },
  {
    // The last queue of dead letters. A message that is requeued because the database is away must not be
    // lost.
    name: 'dead',
    pattern: String.raw`^privacy\.dead$`,
    priority: 10,
    definition: { 'delivery-limit': 1_000_000 },
  },
  {
    name: 'events',
    pattern: String.raw`^(logging\.(messages|security)|ingress\.spool|\w+\.erasure|privacy\.answers)$`,
    priority: 10,
    definition: {
      'delivery-limit': 50,
      'dead-letter-exchange': 'dead',
      'dead-letter-strategy': 'at-least-once',
      overflow: 'reject-publish',
    },
  },
];
