import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

const held = 'services/delivery/test/held.test.ts';
const permanent = 'services/delivery/test/permanent.test.ts';
const lifecycle = 'services/delivery/test/lifecycle.test.ts';

export const deliveryCollections: readonly Collection[] = [
  {
    id: 'delivery.deferred',
    service: 'delivery',
    collection: 'deferred',
    purpose: 'Mail that could not be delivered at once, until it is delivered or given up.',
    basis: 'instruction of the customer',
    retention:
      'Until it is final, at most 5 days of attempts; 5 days more for its DSN; a tombstone of the id 2 days more. Mail that was never tried because delivery was down is not deleted by time.',
    limit: 5 * day + hour,
    erasure: 'Deleted by tenant; sealed under the mail key of its day.',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: {
        'recipients.index': '{person}',
        senderIndex: '{person}',
        about: '{person}',
      },
      canary: { _id: '{message}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      tenant: 'id',
      kind: 'plain',
      credential: 'id',
      state: 'plain',
      bucket: 'plain',
      lease: { protection: 'id', seenIn: lifecycle },
      leasedAt: { protection: 'plain', seenIn: lifecycle },
      acceptedAt: 'plain',
      expiresAt: 'plain',
      nextAt: 'plain',
      unfinishedHandlings: 'plain',
      reason: { protection: 'plain', seenIn: held },
      heldAt: { protection: 'plain', seenIn: held },
      content: 'sealed',
      senderIndex: 'blind index',
      senderDomainIndex: 'blind index',
      tagIndexes: { protection: 'blind index', seenIn: 'services/delivery/test/temporary.test.ts' },
      // Of a DSN that had to wait.
      about: { protection: 'blind index', seenIn: 'services/delivery/test/erasure-person.test.ts' },
      spool: 'plain',
      'spool.id': 'id',
      'spool.chunks': 'plain',
      'recipients.n': 'plain',
      'recipients.status': 'plain',
      'recipients.rev': 'plain',
      'recipients.index': 'blind index',
      'recipients.domainIndex': 'blind index',
      'recipients.details': 'sealed',
      'recipients.attempts': 'sealed',
      'recipients.lastReply': 'plain',
      'recipients.siteClass': 'plain',
      'recipients.tries': 'plain',
      'recipients.dueAt': 'plain',
      'recipients.dsn': { protection: 'id', seenIn: permanent },
      'dsns.id': { protection: 'id', seenIn: permanent },
      'dsns.content': {
        protection: 'sealed',
        seenIn: permanent,
      },
    },
  },
  {
    id: 'delivery.dkimKeys',
    service: 'delivery',
    collection: 'dkimKeys',
    purpose: 'Signs the mail of domains for which mySMTP signs.',
    basis: 'instruction of the customer',
    retention: 'Life of the domain.',
    limit: null,
    erasure: 'Deleted by tenant; the private key is sealed under the account key.',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { _id: '{domain}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: { _id: 'id', tenant: 'id', selector: 'id', privateKey: 'sealed', createdAt: 'plain' },
  },
];
