import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

export const loggingCollections: readonly Collection[] = [
  {
    id: 'logging.messages',
    service: 'logging',
    collection: String.raw`/^messages_\d{4}_\d{2}_\d{2}$/`,
    purpose: "The customer's usage log: the outcome of each message.",
    basis: 'instruction of the customer',
    retention: '7 days after acceptance; then the collection of the day is dropped.',
    limit: 7 * day + hour,
    erasure: 'Deleted by tenant; sealed under the events key of its day.',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { _id: '{message}:0' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      tenant: 'id',
      acceptedAt: 'plain',
      status: 'plain',
      rev: 'plain',
      nextAttemptAt: 'plain',
      senderIndex: 'blind index',
      recipientIndex: 'blind index',
      senderDomainIndex: 'blind index',
      recipientDomainIndex: 'blind index',
      tagIndexes: { protection: 'blind index', seenIn: 'services/logging/test/filters.test.ts' },
      credential: 'id',
      lastReply: 'plain',
      details: 'sealed',
      attempts: 'sealed',
    },
  },
];
