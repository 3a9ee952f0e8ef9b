import { dayPurposes, Id, internalApis, Receipt, Registry } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { breachesApi } from './governance/breaches.ts';
import { consentsApi } from './governance/consents.ts';
import { documentsApi } from './governance/documents.ts';
import { exportsApi } from './governance/exports.ts';
import { unsubscribeApi } from './governance/unsubscribe.ts';
import { holdsApi } from './governance/holds.ts';
import { openDsrApi } from './governance/opendsr.ts';
import { publicRequestsApi } from './governance/public-requests.ts';
import { mailId, Notified, requestsApi } from './governance/requests.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';

const Time = z.iso.datetime();

/**
 * The steps of an erasure, in order. That of a person has neither `shredding` nor `sweeping_again`, and only
 * it has `lifting`. Every step is idempotent and is repeated until it succeeds.
 */
export const erasureSteps = [
  'planting',
  'fencing',
  'purging',
  'sweeping',
  'shredding',
  'sweeping_again',
  'lifting',
  'completed_live',
] as const;

const ErasureState = z.enum([...erasureSteps, 'partial', 'failed']);

const ErasureSummary = z.strictObject({
  id: z.string(),
  state: ErasureState,
  requestedAt: Time,
  missing: z.array(z.string()),
});

const Erasure = z.strictObject({
  id: z.string(),
  state: ErasureState,
  step: z.enum(erasureSteps).describe('Progress, also while the erasure is partial or failed'),
  requestedAt: Time,
  since: Time,
  missing: z.array(z.string()).describe('Answers that are overdue'),
  leftovers: z.array(z.string()).describe('Stores in which records were found after the purge'),
  receipts: z.array(Receipt.extend({ jws: z.string() })),
  certificate: z.string().nullable(),
  completedAt: Time.nullable(),
  notified: z
    .array(Notified.extend({ message: mailId }))
    .describe(
      'The sub-processors that are told (GDPR Art. 19, 28(4)). Empty if a request of a person has them',
    ),
});

const DeadLetter = z.strictObject({
  id: z.string(),
  exchange: z.string(),
  routingKey: z.string(),
  queue: z.string(),
  reason: z.string(),
  receivedAt: Time,
});

const Root = z.strictObject({
  id: z.string(),
  kind: z.enum(['epoch', ...dayPurposes]),
  day: z.string().nullable(),
  createdAt: Time,
  destroyedAt: Time.nullable(),
  overdue: z.boolean().describe('The day of the root is over and the root still exists'),
});

const ShownHead = z.strictObject({
  /** Number of the last entry before it. */
  seq: z.int(),
  digest: z.string(),
  signedAt: Time,
  jws: z.string(),
});

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const letter = 'k1rX0nC3aS8dP5vQ2mT7yB4hL9wE6uJfGzNoHiRtVxA';
const at = '2026-01-31T12:00:00.000Z';

export const privacyApi = {
  showKeys,
  showRegistry: {
    method: 'get',
    path: '/v1/registry',
    summary: 'The registry of personal data: every store and field, its purpose, retention and end',
    access: { public: true },
    replies: { 200: Registry },
  },
  showKeyring: {
    method: 'get',
    path: '/v1/keyring',
    summary: 'All roots, also destroyed ones: ids and times, never a secret',
    access: { permission: 'keyring:read' },
    replies: { 200: z.strictObject({ roots: z.array(Root) }) },
    examples: {
      replies: {
        200: {
          roots: [
            {
              id: 'epoch-000001',
              kind: 'epoch',
              day: null,
              createdAt: at,
              destroyedAt: null,
              overdue: false,
            },
          ],
        },
      },
    },
  },
  rotateEpoch: {
    method: 'post',
    path: '/v1/keyring/epochs',
    summary:
      'Starts a new epoch: keys of active tenants are wrapped again under a new root, older roots are destroyed',
    access: { permission: 'keyring:rotate' },
    replies: { 201: z.strictObject({ epoch: z.string(), rewrapped: z.int() }) },
    rateLimit: 'costly',
    examples: { replies: { 201: { epoch: 'epoch-000002', rewrapped: 12 } } },
  },
  listDeadLetters: {
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'Events and commands that their consumer could not handle, newest first',
    access: { permission: 'dead-letters:read' },
    replies: { 200: z.strictObject({ deadLetters: z.array(DeadLetter) }) },
    examples: {
      replies: {
        200: {
          deadLetters: [
            {
              id: letter,
              exchange: 'mysmtp.events',
              routingKey: 'message.changed',
              queue: 'logging.messages',
              reason: 'rejected',
              receivedAt: at,
            },
          ],
        },
      },
    },
  },
  settleDeadLetter: {
    method: 'post',
    path: '/v1/dead-letters/{id}',
    summary: 'Publishes a dead letter again to its original queue, or drops it',
    access: { permission: 'dead-letters:settle' },
    params: z.strictObject({ id: z.string().regex(/^[\w-]{43}$/) }),
    body: z.strictObject({ action: z.enum(['retry', 'discard']) }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { action: 'retry' } },
  },
  listAuditHeads: {
    method: 'get',
    path: '/v1/audit/heads',
    summary:
      'Signed heads of the audit chain, newest first: nobody can cut or rewrite what is before',
    access: { permission: 'audit-heads:read' },
    query: z.strictObject({
      before: z.coerce.number<string>().int().positive().optional().describe('Below this `seq`'),
      limit: z.coerce.number<string>().int().min(1).max(1_000).optional().describe('Default 100'),
    }),
    replies: { 200: z.strictObject({ heads: z.array(ShownHead) }) },
    examples: {
      replies: { 200: { heads: [{ seq: 1_234, digest: letter, signedAt: at, jws: 'a.b.c' }] } },
    },
  },
  listErasures: {
    method: 'get',
    path: '/v1/erasures',
    summary: 'Requests for erasure, newest first',
    access: { permission: 'erasures:read' },
    replies: { 200: z.strictObject({ erasures: z.array(ErasureSummary) }) },
    examples: {
      replies: { 200: { erasures: [{ id, state: 'purging', requestedAt: at, missing: [] }] } },
    },
  },
  requestErasure: {
    method: 'post',
    path: '/v1/erasures',
    summary:
      'Requests the erasure of a tenant, or of one address in its data (GDPR Art. 17); while it runs, a repeated request returns the same erasure',
    access: { permission: 'erasures:request' },
    event: 'erasure_requested',
    body: z.strictObject({
      tenant: Id,
      address: z
        .string()
        .min(3)
        .max(320)
        .exactOptional()
        .describe('Only this address is erased, in the data of this tenant'),
    }),
    replies: {
      202: z.strictObject({
        nonce: z
          .string()
          .optional()
          .describe(
            'Shown once: only with it can the requester prove whom the certificate concerns',
          ),
      }),
    },
    headers: { location: 'URL of the erasure' },
    rateLimit: 'costly',
    examples: { body: { tenant: id }, replies: { 202: { nonce: 'c0ffee' } } },
  },
  showErasure: {
    method: 'get',
    path: '/v1/erasures/{id}',
    summary: 'Progress of an erasure: its state, the receipts, and at the end the certificate',
    access: { permission: 'erasures:read' },
    params: z.strictObject({ id: Id }),
    replies: { 200: Erasure },
    examples: {
      replies: {
        200: {
          id,
          state: 'purging',
          step: 'purging',
          requestedAt: at,
          since: at,
          missing: [],
          leftovers: [],
          receipts: [],
          certificate: null,
          completedAt: null,
          notified: [],
        },
      },
    },
  },
  ...exportsApi,
  ...unsubscribeApi,
  ...documentsApi,
  ...consentsApi,
  ...breachesApi,
  ...requestsApi,
  ...publicRequestsApi,
  ...openDsrApi,
  ...holdsApi,
  resolveKeys: internalRoute(
    internalApis.resolveKeys,
    'The keys of a tenant: the named ones, or all that the caller needs today and tomorrow',
  ),
  activateTenant: internalRoute(
    internalApis.activateTenant,
    'Creates the key of a new tenant; a known tenant keeps its state',
  ),
  fences: internalRoute(
    internalApis.fences,
    'The tenants whose writes are refused, for a process that may have missed a broadcast',
  ),
  standing: internalRoute(
    internalApis.standing,
    'Whether an erasure is requested, for a process that received a command for it',
  ),
  orderStanding: internalRoute(
    internalApis.orderStanding,
    'Whether an order about a person is given, for a service that received it',
  ),
  keepAuditHead: internalRoute(
    internalApis.keepAuditHead,
    'Keeps a signed head of the audit chain, and names the newest',
  ),
  announcement: internalRoute(
    internalApis.announcement,
    'Documents that take effect later, for the customers',
  ),
  keyDays: internalRoute(
    internalApis.keyDays,
    'Lifetime of keys in days: no store keeps the data sealed under them for longer',
  ),
} as const satisfies ApiDefinition;
