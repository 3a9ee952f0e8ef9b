import { measures, windows } from '../plans.ts';
import { day, hour } from '../time.ts';
import type { Collection } from './shape.ts';

const spool = {
  service: 'ingress',
  basis: 'instruction of the customer',
  retention:
    'Until the message is final; at most 7 days after acceptance, or longer if its mail key is kept for undelivered mail.',
  limit: 7 * day + hour,
  erasure: 'Deleted by tenant; sealed under the mail key of its day.',
} as const;

export const ingressCollections: readonly Collection[] = [
  {
    ...spool,
    id: 'ingress.spool.files',
    collection: 'spool.files',
    purpose: 'The large messages that are being delivered.',
    subject: {
      tenant: { 'metadata.tenant': '{tenant}' },
      person: null,
      canary: { _id: '{message}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      length: 'plain',
      chunkSize: 'plain',
      uploadDate: 'plain',
      'metadata.tenant': 'id',
      'metadata.state': 'plain',
    },
  },
  {
    ...spool,
    id: 'ingress.spool.chunks',
    collection: 'spool.chunks',
    purpose: 'The octets of large messages.',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { files_id: '{message}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: { _id: 'id', files_id: 'id', tenant: 'id', n: 'plain', data: 'sealed' },
  },
  {
    service: 'ingress',
    id: 'ingress.usage',
    collection: 'usage',
    purpose:
      'How much mail each tenant and credential has sent in the current hour, day and month, and how much of it bounced.',
    basis: 'contract',
    retention: '32 days after the last message of the tenant or credential.',
    limit: null,
    erasure: 'Deleted by tenant.',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { _id: '{tenant}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      tenant: 'id',
      ...Object.fromEntries(
        windows.flatMap((window) =>
          ['start', ...measures, 'told'].map((field) => [`${window}.${field}`, 'plain' as const]),
        ),
      ),
      ...Object.fromEntries(
        Array.from({ length: 8 }, (_, place) =>
          ['start', 'recipients'].map((field) => [
            `busiest.day${String(place)}.${field}`,
            { protection: 'plain' as const, seenIn: 'services/ingress/test/throttle.test.ts' },
          ]),
        ).flat(),
      ),
      since: 'plain',
      unusual: { protection: 'plain', seenIn: 'services/ingress/test/throttle.test.ts' },
      unusualDay: { protection: 'plain', seenIn: 'services/ingress/test/throttle.test.ts' },
      firstUsedAt: 'plain',
      'outcomes.start': 'plain',
      'outcomes.delivered': 'plain',
      'outcomes.bounced': 'plain',
      'outcomes.told': 'plain',
      updatedAt: 'plain',
    },
  },
  {
    service: 'ingress',
    id: 'ingress.recipientSketches',
    collection: 'recipientSketches',
    purpose:
      'A sketch of the recipients of each credential and day, to notice a credential that sends to unusually many new recipients.',
    basis: 'legitimate interest',
    balancingTest: 'recipient-sketches',
    retention: '7 days after the day of the recipients.',
    limit: 8 * day + hour,
    erasure:
      'Deleted by tenant. The sketch is made of blind indexes, whose key is destroyed. No single recipient can be removed from it.',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { credential: '{tenant}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    fields: {
      _id: 'id',
      credential: 'id',
      tenant: 'id',
      start: 'plain',
      since: 'plain',
      first: 'plain',
      sketch: 'blind index',
    },
  },
];
