import type { z } from 'zod';
import {
  Attempt,
  AuthAttempts,
  CredentialOutcomes,
  Envelope,
  internalApis,
  UsageDetails,
  MessageEvents,
  plans,
  Heartbeat,
  OrderReceipt,
  PublishedKeySet,
  SecurityEvents,
  Receipt,
  Signed,
  signedKinds,
  SpoolReadRequest,
  SpoolReleased,
  RowsPublished,
  SuppressionChanged,
} from '../src/index.ts';

/** All messages between processes, by the name of the fixture. */
export const messages: Readonly<Record<string, z.ZodType>> = {
  attempt: Attempt,
  'auth-attempts': AuthAttempts,
  envelope: Envelope,
  'usage-details': UsageDetails,
  'message-events': MessageEvents,
  heartbeat: Heartbeat,
  'published-keys': PublishedKeySet,
  receipt: Receipt,
  signed: Signed,
  'spool-read': SpoolReadRequest,
  'spool-released': SpoolReleased,
  'credential-outcomes': CredentialOutcomes,
  'rows-published': RowsPublished,
  'suppression-changed': SuppressionChanged,
  'order-receipt': OrderReceipt,
  'security-events': SecurityEvents,
  ...Object.fromEntries(
    Object.entries(signedKinds).map(([name, { schema }]) => [`signed-${name}`, schema]),
  ),
  ...Object.fromEntries(
    Object.entries(internalApis).flatMap(([name, { request, response }]): [string, z.ZodType][] => [
      [`${name}-request`, request],
      [`${name}-response`, response],
    ]),
  ),
};

const tenant = '018f3d2a-0000-7000-8000-000000000001';
const erasure = '018f3d2a-0000-7000-8000-00000000000e';
const process = '5c0b6f1e-5d57-4b0e-9a3b-0d6f5f6c7a10';
const id = '018f3d2a-0000-7000-8000-0000000000aa';
const sealed = 'c2VhbGVk';
const index = 'blind-index';
const hash = 'hash-of-a-secret';
const publicKey = 'A'.repeat(43);
const day = '2026-11-24';

const order = { v: 1, order: process, tenant, person: index, commitment: hash } as const;

const identity = [
  { entity: 'tenant', state: { status: 'active' } },
  { entity: 'tenant', state: { status: 'restricted', limits: plans.small } },
  { entity: 'credential', state: { kind: 'password', tenant, username: 'u1', secretHash: hash } },
  { entity: 'credential', state: { kind: 'network', tenant, suspended: true, cidr: sealed } },
  {
    entity: 'credential',
    state: {
      kind: 'password',
      tenant,
      username: 'u2',
      secretHash: hash,
      previous: { secretHash: hash, until: 1_795_000_000_000 },
      networks: sealed,
      senders: [index],
      sandbox: true,
      expiresAt: 1_795_000_000_000,
    },
  },
  { entity: 'domain', state: { tenant, name: sealed, nameIndex: index, signing: 'ours' } },
  {
    entity: 'domain',
    state: {
      tenant,
      name: sealed,
      nameIndex: index,
      signing: 'ours',
      status: 'verified',
      dkimSelector: 'mysmtp-0123456789',
      dkim: 'published',
    },
  },
  {
    entity: 'domain',
    state: {
      tenant,
      name: sealed,
      nameIndex: index,
      signing: 'ours',
      status: 'verified',
      dkimSelector: 'mysmtp-0123456789',
      dkim: 'published',
      ed25519Selector: 'mysmtp-abcdef0123',
      ed25519: 'missing',
    },
  },
  { entity: 'token', state: { role: 'operator', tenant: null, hash } },
  {
    entity: 'token',
    state: {
      role: 'restricted',
      tenant,
      hash,
      scopes: ['messages:read'],
      domain: id,
      expiresAt: 1_795_000_000_000,
      atIdentity: true,
    },
  },
  { entity: 'token', state: null },
].map((change) => ({ v: 1, ...change, id, version: 3 }));

const event = {
  id,
  n: 0,
  tenant,
  rev: 1_000_000,
  status: 'delivered',
  acceptedAt: 1_795_000_000_000,
  nextAttemptAt: null,
  senderIndex: index,
  recipientIndex: index,
  details: sealed,
  attempts: [sealed],
};

const auditHead = { v: 1, seq: 1_234, time: 1_795_000_000_000, digest: hash };
const answer = { v: 1, erasure };
const subject = { kind: 'tenant', tenant };
const person = { kind: 'person', tenant, person: index };
const hold = { store: 'delivery.deferred', ground: 'A claim', until: '2026-12-24T12:00:00.000Z' };
const commitment = hash;

/** What this release writes: every form and every field of each message. */
export const samples: Readonly<Record<string, readonly unknown[]>> = {
  attempt: [
    {
      at: '2026-11-24T12:00:00.000Z',
      site: 'mx.example.org',
      tlsVersion: 'TLSv1.3',
      reply: '250 2.0.0 Ok',
      enhancedCode: '2.0.0',
    },
    {
      at: '2026-11-24T12:00:00.000Z',
      site: 'mx.example.org',
      tlsVersion: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      verifiedBy: 'pkix',
      certificateProblem: null,
      clearBecause: null,
      reply: '250 2.0.0 Ok',
      enhancedCode: '2.0.0',
    },
    {
      at: '2026-11-24T12:00:00.000Z',
      site: null,
      tlsVersion: null,
      reply: 'No answer',
      enhancedCode: null,
    },
  ],
  envelope: [
    {
      reversePath: 'sender@example.org',
      senderIndex: index,
      senderDomainIndex: index,
      tagIndexes: [index],
      recipients: [{ address: 'recipient@example.org', index, domainIndex: index, log: sealed }],
      smtputf8: false,
      eightBit: true,
      size: 1_024,
      signing: null,
      spool: null,
    },
    {
      reversePath: 'sender@example.org',
      senderIndex: index,
      recipients: [{ address: 'recipient@example.org', index, log: sealed }],
      smtputf8: false,
      eightBit: true,
      size: 1_024,
      signing: { domain: id, bodyHash: hash },
      spool: { id, chunks: 2 },
    },
  ],
  'usage-details': [
    {
      sender: 'sender@example.org',
      recipient: 'recipient@example.org',
      messageId: '<1@example.org>',
    },
    {
      sender: 'sender@example.org',
      recipient: 'recipient@example.org',
      messageId: '<1@example.org>',
      tags: ['newsletter'],
      accepted: {
        credential: id,
        listener: 'starttls',
        tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      },
    },
  ],
  'message-events': [
    { v: 1, events: [event, { ...event, status: 'deferred', nextAttemptAt: 1_795_000_300_000 }] },
    {
      v: 1,
      events: [
        {
          ...event,
          senderDomainIndex: index,
          recipientDomainIndex: index,
          tagIndexes: [index],
          credential: id,
          lastReply: '2xx',
          siteClass: 'other',
        },
      ],
    },
  ],
  heartbeat: [
    { v: 1, service: 'ingress', process, sequence: 7, lease: 10_000 },
    {
      v: 1,
      service: 'delivery',
      process,
      sequence: 8,
      lease: 10_000,
      inFlight: { at: 1_795_000_000_000, youngSince: 1_794_999_000_000 },
    },
  ],
  'published-keys': [
    {
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: hash,
          kid: 'ingress',
          alg: 'EdDSA',
          use: 'sig',
          service: 'ingress',
          nbf: 1_795_000_000,
          exp: 1_796_000_000,
        },
      ],
    },
  ],
  receipt: [
    {
      requestId: erasure,
      subject: { kind: 'tenant', commitment },
      service: 'ingress',
      store: 'ingress.identityProjection',
      matched: 2,
      matchedBy: 'search',
      deleted: 2,
      retained: [
        { category: 'ingress.identityProjection: _id, version', ground: 'Tombstones', until: null },
      ],
      registryVersion: 6,
      at: '2026-11-24T12:00:00.000Z',
    },
  ],
  signed: [{ at: 1_795_000_000_000, id: process, payload: null }],
  'spool-read': [{ id, chunk: 0 }],
  'spool-released': [{ v: 1, ids: [id] }],
  'credential-outcomes': [
    { v: 1, outcomes: [{ tenant, credential: id, delivered: 90, bounced: 10 }] },
  ],
  'rows-published': [{ v: 1, rows: [`${id}:0`] }],
  'suppression-changed': [{ v: 1, tenant, person: index, exists: true }],
  'order-receipt': [
    {
      order: process,
      do: 'gather',
      commitment: hash,
      service: 'delivery',
      stores: [
        {
          store: 'delivery.deferred',
          count: 1,
        },
      ],
      run: process,
      parts: 1,
      at: '2026-11-24T12:00:00.000Z',
    },
  ],
  'signed-order': [
    { ...order, do: 'gather', publicKey },
    { ...order, do: 'gather' },
    { ...order, do: 'mark', ground: 'objection', exists: true },
    { ...order, do: 'mark', ground: 'restriction', exists: false },
  ],
  'signed-orderAnswer': [
    {
      v: 1,
      kind: 'part',
      order: process,
      service: 'logging',
      run: process,
      number: 0,
      enc: sealed,
      sealed,
    },
    { v: 1, kind: 'receipt', order: process, service: 'logging', jws: 'header.payload.signature' },
  ],
  'orderStanding-request': [{ order: process, do: 'mark', tenant, person: index }],
  'orderStanding-response': [{ known: true, wanted: false }],
  'security-events': [
    {
      v: 1,
      events: [
        {
          id,
          at: 1_795_000_000_000,
          type: 'act',
          tenant,
          actor: { kind: 'operator', id: process },
          object: id,
          operation: 'suspendTenant',
          outcome: 'ok',
          reason: null,
          ticket: process,
          networkKey: hash,
          network: sealed,
          client: sealed,
        },
        {
          id: process,
          at: 1_795_000_000_000,
          type: 'auth',
          tenant: null,
          actor: { kind: 'unknown', id: null },
          object: null,
          operation: null,
          outcome: 'refused',
          reason: '5.7.8',
          ticket: null,
          networkKey: null,
          network: null,
          client: null,
        },
      ],
    },
  ],
  'signed-fence': [
    { v: 1, erasure, subject },
    { v: 1, erasure, subject: person },
    { v: 1, erasure, subject: person, before: 1_795_000_000_000 },
  ],
  'signed-keysDropped': [
    { v: 1, tenant, ids: ['account', `mail:${day}`] },
    { v: 1, tenant: null, ids: null },
  ],
  'signed-command': [
    { v: 1, do: 'plant', erasure, subject },
    { v: 1, do: 'purge', erasure, subject, commitment, progressEvery: 10_000 },
    {
      v: 1,
      do: 'purge',
      erasure,
      subject: person,
      commitment,
      progressEvery: 10_000,
      holds: [hold],
      canaries: { message: id, letter: hash },
    },
  ],
  'signed-marker': [{ v: 1, erasure, subject, commitment }],
  'signed-answer': [
    {
      ...answer,
      kind: 'planted',
      service: 'identity',
      canaries: { domain: id, credential: id, token: id, message: id, letter: hash },
    },
    { ...answer, kind: 'fenced', service: 'delivery', process, wire: { finished: 1, unknown: 0 } },
    { ...answer, kind: 'working', service: 'logging' },
    { ...answer, kind: 'unsupported', service: 'logging', subjectKind: 'tenant' },
    { ...answer, kind: 'receipt', jws: 'header.payload.signature' },
  ],
  'signed-identityChange': identity,
  'resolveKeys-request': [{ jws: 'a.b.c' }],
  'resolveKeys-response': [{ jws: 'a.b.c' }],
  'signed-keysAsked': [
    { id: process, tenant, publicKey },
    { id: process, tenant, ids: ['index', `events:${day}`], publicKey },
  ],
  'signed-keysGiven': [
    {
      request: process,
      state: 'active',
      ids: ['account', `mail:${day}`],
      enc: sealed,
      sealed,
      destroyed: [`events:${day}`],
    },
    { request: process, state: 'erased', ids: [], enc: sealed, sealed, destroyed: [] },
  ],
  'activateTenant-request': [{ tenant }],
  'activateTenant-response': [{ state: 'active' }],
  'auth-attempts': [
    {
      v: 1,
      process,
      failures: [
        {
          networks: [{ key: hash, limit: 50 }],
          pair: hash,
          account: hash,
          credential: id,
          count: 2,
        },
        { networks: [{ key: hash, limit: 50 }], count: 1 },
      ],
      successes: [hash],
    },
  ],
  'submitNotice-request': [
    { id, tenant, from: 'a@example.org', to: 'b@example.org', subject: 'S', text: 'T\n' },
  ],
  'submitNotice-response': [{ result: 'accepted' }],
  'fences-request': [{}],
  'fences-response': [
    {
      fences: [
        { erasure, subject },
        { erasure, subject: person, before: 1_795_000_000_000 },
      ],
    },
  ],
  'standing-request': [{ erasure, subject }],
  'standing-response': [{ known: true, may: ['plant', 'fence', 'purge'] }],
  'signed-auditHead': [auditHead],
  'keepAuditHead-request': [{}, { jws: 'a.b.c' }],
  'keepAuditHead-response': [
    { result: 'none', head: null },
    { result: 'kept', head: auditHead },
  ],
  'announcement-request': [{}],
  'announcement-response': [
    { announcement: null },
    {
      announcement: {
        edition: 2,
        effectiveAt: 1_795_000_000_000,
        page: 'https://privacy.example.org/v1/notice?edition=2',
      },
    },
  ],
  'keyDays-request': [{}],
  'keyDays-response': [{ mail: 8, events: 8 }],
  'reportDkimKey-request': [
    { domain: id, selector: 'mysmtp-0123456789', publicKey },
    {
      domain: id,
      selector: 'mysmtp-0123456789',
      publicKey,
      ed25519: { selector: 'mysmtp-abcdef0123', publicKey },
    },
  ],
  'reportDkimKey-response': [{ known: true }, { known: true, ed25519: true }],
  'snapshot-request': [{ entities: ['tenant', 'credential', 'domain', 'token'], after: id }],
  'snapshot-response': [{ changes: identity, next: id }],
  'principalOf-request': [{ hash, address: '192.0.2.1' }],
  'principalOf-response': [
    { principal: null },
    {
      principal: { kind: 'token', id, tenant, permissions: ['messages:read'], domain: id },
    },
    {
      principal: {
        kind: 'person',
        id,
        session: process,
        tenant: null,
        role: 'on-call',
        permissions: ['held:read'],
        factorAt: 1_795_000_000_000,
      },
    },
  ],
  'reportUse-request': [
    {
      uses: [
        { kind: 'token', id, at: 1_795_000_000_000 },
        { kind: 'credential', id, at: 1_795_000_000_000 },
      ],
    },
  ],
  'reportUse-response': [{}],
  'noticeFinding-request': [{ tenant, rule: 'guessed-secret', at: 1_795_000_000_000 }],
  'noticeFinding-response': [{}],
  'noticeRequest-request': [
    { tenant, request: id, kind: 'erasure', actsAt: 1_795_000_000_000, dueAt: 1_795_000_000_000 },
    { tenant, request: id, kind: 'access', actsAt: null, dueAt: 1_795_000_000_000 },
  ],
  'noticeRequest-response': [{}],
  'noticeWaitingRequest-request': [
    { realm: tenant, person: id, kind: 'erasure', actsAt: 1_795_000_000_000 },
  ],
  'noticeWaitingRequest-response': [{}],
  'findAccount-request': [{ realm: tenant, person: id }],
  'findAccount-response': [
    { address: 'jane@example.org' },
    { address: null },
    {
      address: 'jane@example.org',
      changedAt: 1_795_000_000_000,
      undoneAt: 1_795_000_000_000,
    },
  ],
  'correctAccount-request': [
    { realm: tenant, address: 'jane@example.org', since: 1_795_000_000_000 },
    {
      realm: tenant,
      address: 'jane@example.org',
      since: 1_795_000_000_000,
      newAddress: 'joan@example.org',
      newName: 'Joan Doe',
    },
  ],
  'correctAccount-response': [{ result: 'waits' }],
  'closeAccount-request': [{ realm: tenant, person: id }],
  'closeAccount-response': [{ result: 'closed' }],
  'reportQuota-request': [
    {
      about: 'limit',
      tenant,
      limit: 'messagesPerDay',
      percent: 80,
      max: 1_000,
      end: 1_795_000_000_000,
    },
    {
      about: 'limit',
      tenant,
      credential: id,
      limit: 'credentialOctetsPerMonth',
      percent: 100,
      max: 1_000,
      end: 1_795_000_000_000,
    },
    { about: 'bounces', tenant, credential: id, end: 1_795_000_000_000 },
  ],
  'reportQuota-response': [{}],
  'undeliveredMail-request': [{ day }],
  'undeliveredMail-response': [{ count: 0 }],
};

/** The messages with the subject of an erasure. */
export const messagesWithSubject = [
  'fences-response',
  'receipt',
  'signed-answer',
  'signed-command',
  'signed-fence',
  'signed-marker',
  'standing-request',
];

/** The same message about a household of the tenant, a kind of subject that does not exist today. */
export function aboutHousehold(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(aboutHousehold);
  if (typeof message !== 'object' || message === null) return message;
  const fields = Object.entries(message).map(([name, field]) => [
    name,
    name === 'subjectKind' ? 'household' : aboutHousehold(field),
  ]);
  const changed = Object.fromEntries(fields) as Record<string, unknown>;
  if (changed['kind'] !== 'tenant') return changed;
  return { ...changed, kind: 'household', ...('tenant' in changed ? { household: index } : {}) };
}
