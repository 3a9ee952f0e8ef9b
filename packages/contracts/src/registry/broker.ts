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
  purpose:
    'Brings broadcasts to every process of the service: changed entities, destroyed keys, failed authentications, counts of bounces.',
  content:
    'Ids, versions, counts and the fields of the projections of identity: sealed, hashed or a blind index; keyed hashes of client networks and user names.',
  basis: 'contract',
  retention: 'Seconds; deleted with its process.',
  limit: null,
  marker: false,
  erasure: 'Personal data in it is sealed under the account key.',
}));

export const registeredQueues: Queue[] = [
  registered(queues.deliveryMail, {
    marker: true,
    service: 'delivery',
    purpose: 'Accepted mail on its way to delivery.',
    content: 'Envelope and message (or its location in the spool), sealed; ids in clear.',
    basis: 'instruction of the customer',
    retention: 'Seconds; longer while delivery is down.',
    limit: null,
    erasure:
      'Dropped by its consumer; what remains in files is sealed under the mail key of its day.',
  }),
  registered(queues.loggingMessages, {
    marker: true,
    service: 'logging',
    purpose: 'Events about mail, on their way to the usage log.',
    content: 'Ids, states, times, blind indexes; addresses and replies sealed.',
    basis: 'instruction of the customer',
    retention: 'Seconds; longer while logging is down.',
    limit: null,
    erasure:
      'Dropped by its consumer; what remains in files is sealed under the events key of its day.',
  }),
  registered(queues.loggingSecurity, {
    marker: true,
    service: 'logging',
    purpose: 'What happened that the audit chain must contain, on its way to it.',
    content: 'Ids, types, times, outcomes; a keyed hash of the client network; addresses sealed.',
    basis: 'legitimate interest',
    balancingTest: 'security-log',
    retention: 'Seconds; longer while logging is down.',
    limit: null,
    erasure:
      'Chained without its content by its consumer; addresses that remain in files are sealed under the security key of the month and the client key of the day.',
  }),
  registered(queues.ingressSpool, {
    marker: true,
    service: 'ingress',
    purpose: 'Ids of spooled messages that are no longer needed.',
    content: 'Ids.',
    basis: 'instruction of the customer',
    retention: 'Seconds; longer while ingress is down.',
    limit: null,
    erasure: 'Contains only ids.',
  }),
  registered(queues.deadLetters, {
    marker: true,
    service: 'privacy',
    purpose: 'Events and commands that no consumer could handle, on their way to their collection.',
    content: 'As in the queue that they come from.',
    basis: 'instruction of the customer',
    retention: 'Seconds; longer while privacy is down. Then 5 days in privacy.deadLetters.',
    limit: null,
    erasure: 'Personal data in it is sealed under keys that are destroyed.',
  }),
  ...serviceNames.map((service) =>
    registered(erasureQueues[service], {
      marker: false,
      service,
      purpose: 'Commands of erasures to this service.',
      content: 'Ids.',
      basis: 'legal obligation',
      retention: 'Seconds; longer while the service is down.',
      limit: null,
      erasure: 'Contains only ids.',
    }),
  ),
  registered(queues.privacyAnswers, {
    marker: false,
    service: 'privacy',
    purpose: 'Answers of services about an erasure, on their way to the ledger.',
    content: 'Ids, counts and signatures.',
    basis: 'legal obligation',
    retention: 'Seconds; longer while privacy is down.',
    limit: null,
    erasure: 'Contains only ids.',
  }),
  ...broadcasts,
];

export const registeredExchanges: string[] = [...exchanges];
