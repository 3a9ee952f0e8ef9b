import { tombstone } from './projection.ts';
import { type Collection, type Field } from './shape.ts';

const versioned = {
  _id: 'id',
  version: 'plain',
  pendingSince: { protection: 'plain', seenIn: 'services/identity/test/outbox.test.ts' },
  reservedAt: { protection: 'plain', seenIn: 'services/identity/test/reservations.test.ts' },
  deleted: { protection: 'plain', seenIn: 'services/identity/test/projection.test.ts' },
} as const satisfies Record<string, Field>;

/** A tombstone of identity. */
const erasedByTombstone = {
  erased: 'purge',
  remains: ['_id', 'version', 'pendingSince', 'deleted'] as string[],
  ground: tombstone,
} as const;

const life = {
  service: 'identity',
  basis: 'contract',
  retention: 'Life of the tenant; then a tombstone of id and version.',
  limit: null,
  erasure: 'Replaced by a tombstone; its sealed fields become unreadable with the account key.',
} as const;

export const identityCollections: readonly Collection[] = [
  {
    ...life,
    id: 'identity.tenants',
    collection: 'tenants',
    subject: { ...erasedByTombstone, tenant: { _id: '{tenant}' }, canary: { _id: '{tenant}' } },
    purpose: 'Who the customer is.',
    fields: {
      ...versioned,
      status: 'plain',
      // Absent: the default plan, and no limits of its own.
      plan: { protection: 'plain', seenIn: 'services/identity/test/plans.test.ts' },
      'limits.name': { protection: 'plain', seenIn: 'services/identity/test/plans.test.ts' },
      'limits.value': { protection: 'plain', seenIn: 'services/identity/test/plans.test.ts' },
      name: 'sealed',
      owner: 'sealed',
      ownerIndex: 'blind index',
      createdAt: 'plain',
    },
  },
  {
    ...life,
    id: 'identity.domains',
    collection: 'domains',
    subject: { ...erasedByTombstone, tenant: { tenant: '{tenant}' }, canary: { _id: '{domain}' } },
    purpose: 'The domains from which the customer may send.',
    fields: {
      ...versioned,
      tenant: 'id',
      name: 'sealed',
      nameIndex: 'blind index',
      signing: 'plain',
      createdAt: 'plain',
    },
  },
  {
    ...life,
    id: 'identity.credentials',
    collection: 'credentials',
    subject: {
      ...erasedByTombstone,
      tenant: { tenant: '{tenant}' },
      canary: { _id: '{credential}' },
    },
    purpose: 'Who may submit mail for the customer.',
    retention: 'Until it is revoked; then a tombstone of id and version.',
    fields: {
      ...versioned,
      tenant: 'id',
      kind: 'plain',
      label: 'sealed',
      username: 'id',
      secretHash: 'hash of a secret',
      cidr: 'sealed',
      createdAt: 'plain',
      suspended: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
    },
  },
  {
    ...life,
    id: 'identity.suspensions',
    collection: 'suspensions',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { credential: '{credential}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose:
      'Why an operator has stopped the customer or a credential, the appeal of the customer, and the answer.',
    basis: 'legal obligation',
    retention: 'Life of the tenant.',
    erasure: 'Deleted by tenant; its sealed fields become unreadable with the account key.',
    fields: {
      _id: 'id',
      tenant: 'id',
      credential: 'id',
      status: 'plain',
      reason: 'sealed',
      at: 'plain',
      appeal: { protection: 'sealed', seenIn: 'services/identity/test/suspensions.test.ts' },
      appealedAt: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
      answer: { protection: 'sealed', seenIn: 'services/identity/test/suspensions.test.ts' },
      answeredAt: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
      liftedAt: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
    },
  },
  {
    ...life,
    id: 'identity.tokens',
    collection: 'tokens',
    subject: { ...erasedByTombstone, tenant: { tenant: '{tenant}' }, canary: { _id: '{token}' } },
    purpose: 'Who may use the APIs.',
    retention:
      "Until it is revoked or, an operator's, has expired; then a tombstone of id and version.",
    fields: {
      ...versioned,
      role: 'plain',
      tenant: 'id',
      hash: 'hash of a secret',
      createdAt: 'plain',
      name: 'plain',
      expiresAt: 'plain',
    },
  },
];
