import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

const held = 'services/delivery/test/held.test.ts';
const permanent = 'services/delivery/test/permanent.test.ts';
const lifecycle = 'services/delivery/test/lifecycle.test.ts';

export const deliveryCollections: readonly Collection[] = [
  {
    id: 'delivery.shelf',
    service: 'delivery',
    collection: 'shelf',
    purpose: 'Mail that could not be delivered at once, until it can or is given up.',
    basis: 'instruction of the customer',
    retention:
      'Until it is final, which 5 days of attempts end; its report again 5 days; a tombstone of the id 2 days more. No clock deletes what was never tried because delivery was away.',
    limit: 5 * day + hour,
    erasure: 'Deleted by tenant; sealed under the mail key of its day.',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { _id: '{message}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      tenant: 'id',
      kind: 'plain',
      state: 'plain',
      slot: 'plain',
      claim: { protection: 'id', seenIn: lifecycle },
      claimedAt: { protection: 'plain', seenIn: lifecycle },
      acceptedAt: 'plain',
      expiresAt: 'plain',
      nextAt: 'plain',
      handlings: 'plain',
      reason: { protection: 'plain', seenIn: held },
      heldAt: { protection: 'plain', seenIn: held },
      content: 'sealed',
      senderIndex: 'blind index',
      spool: 'plain',
      'spool.id': 'id',
      'spool.chunks': 'plain',
      'recipients.n': 'plain',
      'recipients.status': 'plain',
      'recipients.rev': 'plain',
      'recipients.index': 'blind index',
      'recipients.facts': 'sealed',
      'recipients.attempts': 'sealed',
      'recipients.tries': 'plain',
      'recipients.dueAt': 'plain',
      'recipients.dsn': { protection: 'id', seenIn: permanent },
      'reports.id': { protection: 'id', seenIn: permanent },
      'reports.content': {
        protection: 'sealed',
        seenIn: permanent,
      },
    },
  },
  {
    id: 'delivery.dkimKeys',
    service: 'delivery',
    collection: 'dkimKeys',
    purpose: 'Signing the mail of domains that want it.',
    basis: 'instruction of the customer',
    retention: 'Life of the domain.',
    limit: null,
    erasure: 'Deleted by tenant; the private key is sealed under the account key.',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { _id: '{domain}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: { _id: 'id', tenant: 'id', selector: 'id', privateKey: 'sealed', createdAt: 'plain' },
  },
];
