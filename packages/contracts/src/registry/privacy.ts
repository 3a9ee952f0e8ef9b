import { projectionOf } from './projection.ts';
import { day, hour, type Collection } from './shape.ts';

const deadLetters = 'services/privacy/test/dead-letters.test.ts';

export const privacyCollections: readonly Collection[] = [
  projectionOf('privacy', 'projection', ['tenant', 'token']),
  {
    id: 'privacy.tenants',
    service: 'privacy',
    collection: 'tenants',
    purpose: 'State and master key of each tenant.',
    basis: 'contract',
    retention: 'Life of the tenant; then its id and that it was erased.',
    limit: null,
    erasure: 'The wrapped key is removed, and the root that it lay under destroyed.',
    fields: {
      _id: 'id',
      state: 'plain',
      epoch: 'id',
      wrapped: 'wrapped key',
      version: 'plain',
      createdAt: 'plain',
    },
  },
  {
    id: 'privacy.roots',
    service: 'privacy',
    collection: 'roots',
    purpose:
      'Which roots there are, and when which was destroyed. The roots themselves lie in the vault.',
    basis: 'none needed',
    retention: 'For good: it is the evidence of what was destroyed.',
    limit: null,
    erasure: 'Nothing of a tenant is in it.',
    fields: {
      _id: 'id',
      kind: 'plain',
      day: 'plain',
      check: 'wrapped key',
      createdAt: 'plain',
      retiredAt: 'plain',
      destroyedAt: 'plain',
    },
  },
  {
    id: 'privacy.deadLetters',
    service: 'privacy',
    collection: 'deadLetters',
    purpose: 'Events and commands that nobody could handle, for an operator to look at.',
    basis: 'instruction of the customer',
    retention: '5 days.',
    limit: 5 * day + hour,
    erasure: 'Whatever is personal in it is sealed under keys that die.',
    fields: {
      _id: { protection: 'plain', seenIn: deadLetters },
      exchange: { protection: 'plain', seenIn: deadLetters },
      routingKey: { protection: 'plain', seenIn: deadLetters },
      queue: { protection: 'plain', seenIn: deadLetters },
      reason: { protection: 'plain', seenIn: deadLetters },
      receivedAt: { protection: 'plain', seenIn: deadLetters },
      content: { protection: 'sealed', seenIn: deadLetters },
    },
  },
];
