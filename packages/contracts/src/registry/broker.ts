import { broadcastPrefix, exchanges, queues } from '../topology.ts';
import { serviceNames, type ServiceName } from '../services.ts';
import type { Queue } from './shape.ts';

const workQueues: Record<keyof typeof queues, Omit<Queue, 'id' | 'queue'>> = {
  deliveryMail: {
    marker: true,
    service: 'delivery',
    purpose: 'Accepted mail on its way to delivery.',
    content: 'Envelope and message (or where it is spooled), sealed; ids in clear.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as delivery is away.',
    limit: null,
    erasure:
      'Dropped by its consumer; what stays in files is sealed under the mail key of its day.',
  },
  loggingMessages: {
    marker: true,
    service: 'logging',
    purpose: 'What happened to mail, on its way to the usage log.',
    content: 'Ids, states, times, blind indexes; addresses and replies sealed.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as logging is away.',
    limit: null,
    erasure:
      'Dropped by its consumer; what stays in files is sealed under the events key of its day.',
  },
  ingressSpool: {
    marker: true,
    service: 'ingress',
    purpose: 'Which spooled messages nobody needs any more.',
    content: 'Ids.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as ingress is away.',
    limit: null,
    erasure: 'Holds ids alone.',
  },
  deadLetters: {
    marker: true,
    service: 'privacy',
    purpose: 'Events and commands that nobody could handle, on their way to their collection.',
    content: 'As in the queue that they come from.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as privacy is away. Then 5 days in privacy.deadLetters.',
    limit: null,
    erasure: 'Whatever is personal in it is sealed under keys that die.',
  },
  ingressErasure: commandsTo('ingress'),
  deliveryErasure: commandsTo('delivery'),
  loggingErasure: commandsTo('logging'),
  identityErasure: commandsTo('identity'),
  privacyErasure: commandsTo('privacy'),
  privacyAnswers: {
    marker: false,
    service: 'privacy',
    purpose: 'What services tell privacy of an erasure, on its way to the ledger.',
    content: 'Ids, counts and signatures.',
    basis: 'legal obligation',
    retention: 'Seconds; as long as privacy is away.',
    limit: null,
    erasure: 'Holds ids alone.',
  },
};

function commandsTo(service: ServiceName): Omit<Queue, 'id' | 'queue'> {
  return {
    marker: false,
    service,
    purpose: 'Commands of erasures to this service.',
    content: 'Ids.',
    basis: 'legal obligation',
    retention: 'Seconds; as long as the service is away.',
    limit: null,
    erasure: 'Holds ids alone.',
  };
}

const broadcasts: readonly Queue[] = serviceNames.map((service) => ({
  id: `${service}.broadcast`,
  service,
  queue: `/^${broadcastPrefix(service).replaceAll('.', String.raw`\.`)}.+$/`,
  purpose: 'Tells every process of the service of changes: entities, destroyed keys.',
  content: "Ids, versions and what identity's projections hold: sealed, hashed or a blind index.",
  basis: 'contract',
  retention: 'Seconds; it ends with its process.',
  limit: null,
  marker: false,
  erasure: 'What is personal in it is sealed under the account key.',
}));

export const registeredQueues: Queue[] = [
  ...Object.entries(queues).map(([key, { name }]) => ({
    id: `queue.${name}`,
    queue: name,
    ...workQueues[key as keyof typeof queues],
  })),
  ...broadcasts,
];

export const registeredExchanges: string[] = [...exchanges];
