import { tombstone } from './projection.ts';
import { type Collection, type Field } from './shape.ts';

const versioned = {
  _id: 'id',
  version: 'plain',
  pendingSince: { protection: 'plain', seenIn: 'services/identity/test/outbox.test.ts' },
  claimedAt: { protection: 'plain', seenIn: 'services/identity/test/claims.test.ts' },
  gone: { protection: 'plain', seenIn: 'services/identity/test/projection.test.ts' },
} as const satisfies Record<string, Field>;

/** A tombstone of identity. */
const buried = {
  erased: 'purge',
  remains: ['_id', 'version', 'pendingSince', 'gone'] as string[],
  ground: tombstone,
} as const;

const life = {
  service: 'identity',
  basis: 'contract',
  retention: 'Life of the tenant; then a tombstone of id and version.',
  limit: null,
  erasure: 'Replaced by a tombstone; its sealed fields die with the account key.',
} as const;

export const identityCollections: readonly Collection[] = [
  {
    ...life,
    id: 'identity.tenants',
    collection: 'tenants',
    subject: { ...buried, tenant: { _id: '{tenant}' }, canary: { _id: '{tenant}' } },
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
    subject: { ...buried, tenant: { tenant: '{tenant}' }, canary: { _id: '{domain}' } },
    purpose: 'Which domains the customer may send from.',
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
    subject: { ...buried, tenant: { tenant: '{tenant}' }, canary: { _id: '{credential}' } },
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
    subject: { ...buried, tenant: { tenant: '{tenant}' }, canary: { _id: '{token}' } },
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
