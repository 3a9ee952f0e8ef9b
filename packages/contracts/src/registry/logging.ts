import { securityRetention } from '../key-days.ts';
import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

const auditChain = 'services/logging/test/audit-chain.test.ts';

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
      siteClass: 'plain',
      details: 'sealed',
      attempts: 'sealed',
    },
  },
  {
    id: 'logging.auditEntries',
    service: 'logging',
    collection: 'auditEntries',
    purpose:
      'The audit chain: who tried to get in, who did or saw what. It shows unauthorized access, and that nobody has changed it.',
    basis: 'legitimate interest',
    balancingTest: 'security-log',
    retention:
      'Content: 6 months (who tried to get in) or 12 months (who did or saw what). The full address of the client: 7 days; then its /24 or /48. What stays of an entry is a number, a time, a type and hashes.',
    limit: (securityRetention.audit + 1) * day + hour,
    erasure:
      'The content of the tenant is deleted, and its key is destroyed; the entries stay and the chain names the erasure.',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { tenant: '{tenant}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'plain',
      time: 'plain',
      type: 'plain',
      prev: 'commitment',
      keyId: 'id',
      commitment: 'commitment',
      mac: 'commitment',
      event: 'id',
      tenant: { protection: 'id', seenIn: auditChain },
      sealed: 'sealed',
      until: 'plain',
      client: { protection: 'sealed', seenIn: auditChain },
      clientUntil: { protection: 'plain', seenIn: auditChain },
    },
  },
  {
    id: 'logging.statistics',
    service: 'logging',
    collection: 'statistics',
    purpose:
      'How many recipients of each credential of a customer had which outcome, by hour: for the customer, also after its usage log is deleted.',
    basis: 'contract',
    retention: '400 days.',
    limit: null,
    erasure: 'Deleted by tenant.',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { tenant: '{tenant}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      tenant: 'id',
      hour: 'plain',
      countedAt: 'plain',
      'counts.credential': 'id',
      'counts.status': 'plain',
      'counts.lastReply': 'plain',
      'counts.recipients': 'plain',
    },
  },
];
