import { day, hour } from '../time.ts';
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

const breakGlass = 'services/identity/test/break-glass.test.ts';
const apiKeys = 'services/identity/test/api-keys.test.ts';

/** A tombstone of identity. */
const erasedByTombstone = {
  person: null,
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

/** Not every credential is limited, described or used. */
const limited = (protection: Extract<Field, string>) =>
  ({ protection, seenIn: 'services/identity/test/credential-limits.test.ts' }) as const;

/** Only of a tenant or a credential whose owners were told about a limit. */
const noticed = {
  protection: 'plain',
  seenIn: 'services/identity/test/throttled-notice.test.ts',
} as const;

/** Only of a tenant that has invited people. */
const invited = {
  protection: 'plain',
  seenIn: 'services/identity/test/accounts/invitations.ts',
} as const;
/** Only of a tenant whose owners were told about a finding of detection. */
const told = (protection: 'id' | 'plain') =>
  ({ protection, seenIn: 'services/identity/test/throttled-notice.test.ts' }) as const;

/** Notices are sent within seconds, so the collection is usually empty. */
const inOutbox = (protection: 'id' | 'plain' | 'sealed') =>
  ({ protection, seenIn: 'services/identity/test/notices.test.ts' }) as const;

/** There are no accounts before the first sign-up. */
const inAccount = (protection: 'id' | 'plain' | 'sealed' | 'blind index' | 'hash of a secret') =>
  ({ protection, seenIn: 'services/identity/test/people-stores.test.ts' }) as const;

/** Nothing of an account remains, because no other service has a copy of it. */
const ofPeople = {
  service: 'identity',
  basis: 'contract',
  subject: {
    tenant: { tenant: '{tenant}' },
    person: null,
    canary: { tenant: '{tenant}' },
    erased: 'purge',
    remains: [] as string[],
    ground: null,
  },
  erasure: 'Deleted by tenant; its sealed fields become unreadable with the account key.',
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
      'noticed.day.end': noticed,
      'noticed.day.percent': noticed,
      'noticed.month.end': noticed,
      'noticed.month.percent': noticed,
      // Only if other documents were announced.
      toldEdition: { protection: 'plain', seenIn: 'services/identity/test/notices.test.ts' },
      'invitations.count': invited,
      'invitations.since': invited,
      'toldFindings.ids': told('id'),
      'toldFindings.day': told('plain'),
      'toldFindings.count': told('plain'),
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
      ed25519Selector: 'id',
      ed25519Key: 'sealed',
      ed25519: 'plain',
      createdAt: 'plain',
    },
  },
  {
    ...life,
    id: 'identity.domainChecks',
    collection: 'domainChecks',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { _id: '{domain}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose: 'When the records of a domain are looked up next, and the last answers of DNS.',
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
      person: null,
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
      by: 'id',
      suspended: { protection: 'plain', seenIn: 'services/identity/test/suspensions.test.ts' },
      senders: limited('sealed'),
      senderIndexes: limited('blind index'),
      networks: limited('sealed'),
      sandbox: limited('plain'),
      expiresAt: limited('plain'),
      'previous.secretHash': limited('hash of a secret'),
      'previous.until': limited('plain'),
      purpose: limited('sealed'),
      basis: limited('plain'),
      lastUsedAt: limited('plain'),
      throttledAt: {
        protection: 'plain',
        seenIn: 'services/identity/test/throttled-notice.test.ts',
      },
      'noticed.day.end': noticed,
      'noticed.day.percent': noticed,
      'noticed.month.end': noticed,
      'noticed.month.percent': noticed,
      'noticed.bounces.end': noticed,
      'noticed.bounces.percent': noticed,
    },
  },
  {
    ...life,
    id: 'identity.suspensions',
    collection: 'suspensions',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
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
    service: 'identity',
    id: 'identity.accesses',
    collection: 'accesses',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
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
      person: null,
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
      by: 'id',
      name: 'plain',
      expiresAt: 'plain',
      label: { protection: 'sealed', seenIn: apiKeys },
      scopes: { protection: 'plain', seenIn: apiKeys },
      domain: { protection: 'id', seenIn: apiKeys },
      networks: { protection: 'sealed', seenIn: apiKeys },
      createdBy: { protection: 'id', seenIn: 'services/identity/test/accounts/departures.ts' },
      replacedBy: { protection: 'id', seenIn: apiKeys },
      lastUsedAt: { protection: 'plain', seenIn: apiKeys },
    },
  },
  {
    ...life,
    id: 'identity.notices',
    collection: 'notices',
    subject: {
      tenant: { tenant: '{tenant}' },
      person: null,
      canary: { tenant: '{tenant}' },
      erased: 'purge',
      remains: [],
      ground: null,
    },
    purpose: 'Notices by mail that ingress has not accepted yet.',
    retention: 'Seconds; at most 3 days while ingress does not accept it.',
    limit: 3 * day + hour,
    erasure: 'Deleted by tenant; sealed under the account key.',
    fields: {
      _id: inOutbox('id'),
      tenant: inOutbox('id'),
      content: inOutbox('sealed'),
      createdAt: inOutbox('plain'),
      attempts: inOutbox('plain'),
      dueAt: inOutbox('plain'),
    },
  },
  {
    ...ofPeople,
    id: 'identity.people',
    collection: 'people',
    purpose: 'Who may act for the customer, and how they sign in.',
    retention: 'Life of the account.',
    limit: null,
    fields: {
      _id: inAccount('id'),
      tenant: inAccount('id'),
      role: inAccount('plain'),
      email: inAccount('sealed'),
      emailIndex: inAccount('blind index'),
      name: inAccount('sealed'),
      password: inAccount('sealed'),
      'totp.secret': inAccount('sealed'),
      'totp.step': inAccount('plain'),
      'totp.addedAt': inAccount('plain'),
      // An empty list.
      passkeys: inAccount('plain'),
      'passkeys.id': inAccount('id'),
      'passkeys.passkey': inAccount('sealed'),
      'passkeys.label': inAccount('sealed'),
      'passkeys.addedAt': inAccount('plain'),
      recoveryCodes: inAccount('hash of a secret'),
      'failures.count': inAccount('plain'),
      'failures.since': inAccount('plain'),
      devices: inAccount('blind index'),
      createdAt: inAccount('plain'),
      ownerSince: inAccount('plain'),
      changedAt: inAccount('plain'),
      undoneAt: inAccount('plain'),
      providerSubject: inAccount('blind index'),
    },
  },
  {
    ...ofPeople,
    id: 'identity.signInProviders',
    collection: 'signInProviders',
    subject: { ...ofPeople.subject, tenant: { _id: '{tenant}' }, canary: { _id: '{tenant}' } },
    purpose: 'By which OpenID provider the people of the customer sign in.',
    retention: 'Until the customer removes it.',
    limit: null,
    fields: {
      _id: inAccount('id'),
      settings: inAccount('sealed'),
      clientSecret: inAccount('sealed'),
      changedAt: inAccount('plain'),
    },
  },
  {
    ...ofPeople,
    id: 'identity.sessions',
    collection: 'sessions',
    purpose: 'Who is signed in.',
    retention: 'Until its end: 30 minutes without a use, at most 12 hours.',
    limit: 12 * hour + hour,
    fields: {
      _id: inAccount('id'),
      tenant: inAccount('id'),
      person: inAccount('id'),
      kind: inAccount('plain'),
      hash: inAccount('hash of a secret'),
      device: inAccount('sealed'),
      factorAt: inAccount('plain'),
      createdAt: inAccount('plain'),
      usedAt: inAccount('plain'),
    },
  },
  {
    ...ofPeople,
    id: 'identity.challenges',
    collection: 'challenges',
    purpose:
      'What a person has begun: a sign-up, a sign-in, an invitation, a new address or password, a new or lost second factor.',
    retention: 'Minutes to 7 days; a lost second factor at most 14 days.',
    limit: 14 * day + hour,
    fields: {
      _id: inAccount('id'),
      kind: inAccount('plain'),
      tenant: inAccount('id'),
      person: inAccount('id'),
      hash: inAccount('hash of a secret'),
      content: inAccount('sealed'),
      tries: inAccount('plain'),
      createdAt: inAccount('plain'),
      expiresAt: inAccount('plain'),
      dueAt: inAccount('plain'),
      heldUntil: inAccount('plain'),
      opens: inAccount('id'),
    },
  },
];
