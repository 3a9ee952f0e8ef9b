import { serviceNames } from '../services.ts';
import { broadcastPrefix, erasureQueues, exchanges, queues, type WorkQueue } from '../topology.ts';
import type { Queue } from './shape.ts';

type Words = Omit<Queue, 'id' | 'queue'>;

const registered = ({ name }: WorkQueue, words: Words): Queue => ({
  id: `queue.${name}`,
  queue: name,
  ...words,
});

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
  registered(queues.deliveryMail, {
    marker: true,
    service: 'delivery',
    purpose: 'Accepted mail on its way to delivery.',
    content: 'Envelope and message (or where it is spooled), sealed; ids in clear.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as delivery is away.',
    limit: null,
    erasure:
      'Dropped by its consumer; what stays in files is sealed under the mail key of its day.',
  }),
  registered(queues.loggingMessages, {
    marker: true,
    service: 'logging',
    purpose: 'What happened to mail, on its way to the usage log.',
    content: 'Ids, states, times, blind indexes; addresses and replies sealed.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as logging is away.',
    limit: null,
    erasure:
      'Dropped by its consumer; what stays in files is sealed under the events key of its day.',
  }),
  registered(queues.ingressSpool, {
    marker: true,
    service: 'ingress',
    purpose: 'Which spooled messages nobody needs any more.',
    content: 'Ids.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as ingress is away.',
    limit: null,
    erasure: 'Holds ids alone.',
  }),
  registered(queues.deadLetters, {
    marker: true,
    service: 'privacy',
    purpose: 'Events and commands that nobody could handle, on their way to their collection.',
    content: 'As in the queue that they come from.',
    basis: 'instruction of the customer',
    retention: 'Seconds; as long as privacy is away. Then 5 days in privacy.deadLetters.',
    limit: null,
    erasure: 'Whatever is personal in it is sealed under keys that die.',
  }),
  ...serviceNames.map((service) =>
    registered(erasureQueues[service], {
      marker: false,
      service,
      purpose: 'Commands of erasures to this service.',
      content: 'Ids.',
      basis: 'legal obligation',
      retention: 'Seconds; as long as the service is away.',
      limit: null,
      erasure: 'Holds ids alone.',
    }),
  ),
  registered(queues.privacyAnswers, {
    marker: false,
    service: 'privacy',
    purpose: 'What services tell privacy of an erasure, on its way to the ledger.',
    content: 'Ids, counts and signatures.',
    basis: 'legal obligation',
    retention: 'Seconds; as long as privacy is away.',
    limit: null,
    erasure: 'Holds ids alone.',
  }),
  ...broadcasts,
];

export const registeredExchanges: string[] = [...exchanges];
