import { tombstone } from './projection.ts';
import { type Collection, type Field } from './shape.ts';

const versioned = {
  _id: 'id',
  version: 'plain',
  pendingSince: { protection: 'plain', seenIn: 'services/identity/test/outbox.test.ts' },
  reservedAt: { protection: 'plain', seenIn: 'services/identity/test/reservations.test.ts' },
  deleted: { protection: 'plain', seenIn: 'services/identity/test/projection.test.ts' },
} as const satisfies Record<string, Field>;

const breakGlass = 'services/identity/test/break-glass.test.ts';
const apiKeys = 'services/identity/test/api-keys.test.ts';

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
      lastUsedAt: { protection: 'plain', seenIn: apiKeys },
    },
  },
  {
    service: 'identity',
    id: 'identity.accesses',
    collection: 'accesses',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { by: '{token}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose: 'Which operator may see data of the customer now, and why.',
    basis: 'contract',
    retention: 'Until it ends, at most four hours.',
    limit: null,
    erasure: 'Deleted with the tenant.',
    fields: {
      _id: { protection: 'id', seenIn: breakGlass },
      tenant: { protection: 'id', seenIn: breakGlass },
      by: { protection: 'id', seenIn: breakGlass },
      byKind: { protection: 'plain', seenIn: breakGlass },
      reason: { protection: 'sealed', seenIn: breakGlass },
      ticket: { protection: 'sealed', seenIn: breakGlass },
      openedAt: { protection: 'plain', seenIn: breakGlass },
      until: { protection: 'plain', seenIn: breakGlass },
    },
  },
  {
    service: 'identity',
    id: 'identity.accessLog',
    collection: 'accessLog',
    subject: {
      tenant: { tenant: '{tenant}' },
      canary: { by: '{token}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose: 'What operators saw of the customer and did to it, for the customer to read.',
    basis: 'legal obligation',
    retention: 'Life of the tenant.',
    limit: null,
    erasure: 'Deleted with the tenant.',
    fields: {
      _id: 'id',
      tenant: 'id',
      by: 'id',
      byKind: 'plain',
      at: 'plain',
      action: 'plain',
      access: { protection: 'id', seenIn: breakGlass },
      object: { protection: 'id', seenIn: breakGlass },
      reason: { protection: 'sealed', seenIn: breakGlass },
      ticket: { protection: 'sealed', seenIn: breakGlass },
    },
  },
  {
    ...life,
    id: 'identity.tokens',
    collection: 'tokens',
    subject: { ...erasedByTombstone, tenant: { tenant: '{tenant}' }, canary: { _id: '{token}' } },
    purpose: 'Who may use the APIs.',
    retention: 'Until it is revoked or has expired; then a tombstone of id and version.',
    fields: {
      ...versioned,
      role: 'plain',
      tenant: 'id',
      hash: 'hash of a secret',
      createdAt: 'plain',
      name: 'plain',
      expiresAt: 'plain',
      label: { protection: 'sealed', seenIn: apiKeys },
      scopes: { protection: 'plain', seenIn: apiKeys },
      domain: { protection: 'id', seenIn: apiKeys },
      networks: { protection: 'sealed', seenIn: apiKeys },
      replacedBy: { protection: 'id', seenIn: apiKeys },
      lastUsedAt: { protection: 'plain', seenIn: apiKeys },
    },
  },
];
