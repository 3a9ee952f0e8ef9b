import { tombstone } from './projection.ts';
import { type Collection, type Field } from './shape.ts';

const domainChecks = 'services/identity/test/domain-checks.test.ts';

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
      status: 'plain',
      vouchReason: 'sealed',
      vouchedBy: 'id',
      vouchedAt: 'plain',
      dkimSelector: 'id',
      dkimKey: 'sealed',
      dkim: 'plain',
      createdAt: 'plain',
    },
  },
  {
    ...life,
    id: 'identity.domainChecks',
    collection: 'domainChecks',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { _id: '{domain}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose: 'When DNS is asked about a domain, and what it answered last.',
    retention: 'Life of the domain.',
    erasure: 'Deleted by tenant; what DNS answered is sealed under the account key.',
    fields: {
      _id: 'id',
      tenant: 'id',
      dueAt: { protection: 'plain', seenIn: domainChecks },
      leasedUntil: { protection: 'plain', seenIn: domainChecks },
      checkedAt: { protection: 'plain', seenIn: domainChecks },
      results: { protection: 'sealed', seenIn: domainChecks },
      broken: 'plain',
      ownershipLostAt: { protection: 'plain', seenIn: domainChecks },
      taken: 'plain',
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
