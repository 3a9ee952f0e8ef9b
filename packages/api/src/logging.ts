import {
  Acceptance,
  Attempt,
  findingRules,
  Id,
  ReplyClass,
  securityEventTypes,
  severities,
  Status,
  Tag,
} from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { importsApi } from './logging/imports.ts';
import { showKeys } from './published-keys.ts';
import { trimmed } from './schemas/text.ts';

/** One recipient of one message. Times are RFC 3339. */
const MessageRow = z.strictObject({
  id: z.string(),
  acceptedAt: z.string(),
  messageId: z.string(),
  sender: z.string(),
  recipient: z.string(),
  tags: z.array(z.string()),
  accepted: Acceptance.nullable().describe(
    'How the message was submitted; `null` for a notice of ours and for a row of an older release',
  ),
  status: Status,
  lastReply: ReplyClass.describe(
    'The class of the last reply of a server; `none` if none has answered',
  ),
  nextAttemptAt: z.string().nullable(),
  attempts: z.array(Attempt),
  restricted: z
    .boolean()
    .describe(
      'The use of the data of sender or recipient is restricted (GDPR Art. 18): no details are shown',
    ),
});

/** One recipient of one message, as an operator sees it. */
const RecipientStateRow = z.strictObject({
  n: z.int().describe('Position of the recipient in the envelope'),
  tenant: z.string(),
  acceptedAt: z.string(),
  status: Status,
  attempts: z.int(),
  siteClass: z
    .string()
    .nullable()
    .describe('A large provider by name, or `other`; `null` if no site was tried'),
  lastReply: ReplyClass,
  nextAttemptAt: z.string().nullable(),
});

const StatisticsRow = z.strictObject({
  from: z.string().describe('Start of the hour or day'),
  credential: z
    .string()
    .nullable()
    .describe('`null`: submitted without one, as notices of ours are'),
  status: Status,
  lastReply: ReplyClass,
  recipients: z.int(),
});

const Retention = z.strictObject({
  usageLogDays: z
    .int()
    .min(0)
    .max(30)
    .describe(
      'Days after acceptance. `0`: of a message that is final, only state and times are kept, for statistics and operators',
    ),
});

const MessagePage = z.strictObject({
  messages: z.array(MessageRow),
  next: z
    .string()
    .nullable()
    .describe(
      'Cursor of the next page. With several filters a page may be shorter than `limit`, or empty, although there is a next one',
    ),
});

/** RFC 3339 5.6: `t` and `z` may be small. */
const time = z
  .string()
  .toUpperCase()
  .meta({ format: 'date-time' })
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => Date.parse(text));

/** An address as copied from a mail client or a log: possibly with blanks or angle brackets around it. */
const address = z
  .string()
  .max(1_000)
  .transform((text) =>
    text
      .trim()
      .replace(/^<(.*)>$/s, '$1')
      .trim(),
  );

const purposeOf =
  '`access`: a request for access to the own data (GDPR Art. 15). It is answered also while the account is restricted (Art. 18)';

const domain = trimmed(255);

const filters = {
  status: Status,
  credential: Id.describe('Id of the SMTP credential that submitted the message'),
  lastReply: ReplyClass.describe('Class of the last reply of a server; `none`: none has answered'),
};

/** Search parameters in a URL. An empty value counts as absent. Personal data is not permitted here. */
const ListQuery = z.strictObject({
  status: orAbsent(filters.status),
  credential: orAbsent(filters.credential),
  lastReply: orAbsent(filters.lastReply),
  after: orAbsent(time).describe('Accepted at this time or later'),
  before: orAbsent(time).describe('Accepted earlier'),
  limit: orAbsent(z.coerce.number<string>().int().min(1).max(500)).describe('Default 50'),
  cursor: orAbsent(z.string()).describe('`next` of the previous page'),
  purpose: orAbsent(z.literal('access')).describe(purposeOf),
});

const ExportQuery = ListQuery.omit({ limit: true, cursor: true }).extend({
  format: z.enum(['csv', 'jsonl']).default('jsonl').describe('CSV or JSON Lines'),
});

/** The same in a body, with addresses, domains and tags, which are not permitted in a URL. */
const SearchBody = z.strictObject({
  status: filters.status.optional(),
  credential: filters.credential.optional(),
  lastReply: filters.lastReply.optional(),
  after: time.optional(),
  before: time.optional(),
  limit: z.int().min(1).max(500).optional(),
  cursor: z.string().optional(),
  sender: address.optional(),
  recipient: address.optional(),
  senderDomain: domain.optional().describe('The domain of the reverse-path'),
  recipientDomain: domain.optional(),
  tag: Tag.optional().describe('One of the tags in the field `X-MySMTP-Tag`'),
  purpose: z.literal('access').optional().describe(purposeOf),
});

function orAbsent<Value, Text>(schema: z.ZodType<Value, Text>) {
  return z
    .literal('')
    .transform(() => undefined)
    .or(schema)
    .optional();
}

/** An entry of the audit chain. Hashes are base64url. */
const AuditEntry = z.strictObject({
  seq: z.int(),
  time: z.int().describe('Milliseconds since the epoch'),
  type: z.string(),
  prev: z.string(),
  keyId: z.string(),
  commitment: z.string(),
  mac: z.string(),
  state: z
    .enum(['shown', 'hidden', 'deleted'])
    .describe(
      'Of the content. `hidden`: it is another tenant’s. `shown` without a payload: it was changed, and cannot be opened',
    ),
  payload: z.string().nullable().describe('JSON text: what happened'),
  salt: z.string().nullable().describe('`commitment` is the SHA-256 of salt and payload'),
  network: z.string().nullable().describe('Network of the client'),
  address: z.string().nullable().describe('Address of the client, for 7 days'),
});

const AuditQuery = z.strictObject({
  after: orAbsent(z.coerce.number<string>().int().min(0)).describe('Above this `seq`'),
  from: orAbsent(time).describe('Chained at this time or later'),
  type: orAbsent(z.enum(securityEventTypes)),
  limit: orAbsent(z.coerce.number<string>().int().min(1).max(1_000)).describe('Default 100'),
});

const hash = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU';

const Finding = z.strictObject({
  id: z.string(),
  at: z.string(),
  rule: z.enum(findingRules),
  severity: z.enum(severities),
  tenant: z.string().nullable().describe('`null`: of no tenant, or of several'),
  subject: z
    .string()
    .nullable()
    .describe('The id of the person, credential, API key or operator whose act it was'),
  event: z.string().describe('The id of the event in the audit log that completed it'),
  count: z.int().describe('How many events or accounts it took'),
});

const findingId = '019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b:guessed-secret';

const row = {
  id: '019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
  acceptedAt: '2026-01-31T12:00:00.000Z',
  messageId: '<1@example.org>',
  sender: 'shop@example.org',
  recipient: 'customer@example.net',
  tags: ['newsletter'],
  accepted: {
    credential: '018f3d2a-0000-7000-8000-0000000000aa',
    listener: 'starttls',
    tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
  },
  status: 'delivered',
  lastReply: '2xx',
  nextAttemptAt: null,
  attempts: [
    {
      at: '2026-01-31T12:00:01.000Z',
      site: 'mx.example.net',
      tlsVersion: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      verifiedBy: 'pkix',
      certificateProblem: null,
      clearBecause: null,
      reply: '250 2.0.0 OK',
      enhancedCode: '2.0.0',
    },
  ],
  restricted: false,
};

export const loggingApi = {
  showKeys,
  listMessages: {
    method: 'get',
    path: '/v1/messages',
    summary: 'The usage log, a row per recipient, newest first',
    access: { permission: 'messages:read', ofTenant: true },
    query: ListQuery,
    replies: { 200: MessagePage },
    errors: ['restricted'],
    rateLimit: 'costly',
    examples: { replies: { 200: { messages: [row], next: null } } },
  },
  searchMessages: {
    method: 'post',
    path: '/v1/messages/search',
    summary: 'The usage log, also by exact sender, recipient, domain or tag',
    access: { permission: 'messages:read', ofTenant: true },
    body: SearchBody,
    replies: { 200: MessagePage },
    errors: ['restricted'],
    whileStopped: true,
    rateLimit: 'costly',
    examples: {
      body: { recipient: 'customer@example.net', after: '2026-01-31T00:00:00Z' },
      replies: { 200: { messages: [row], next: null } },
    },
  },
  listAuditEntries: {
    method: 'get',
    path: '/v1/audit/entries',
    summary:
      'The audit chain, oldest first: a tenant gets what concerns it, an operator all entries without the content of tenants',
    access: { permission: 'audit:read' },
    query: AuditQuery,
    replies: { 200: z.strictObject({ entries: z.array(AuditEntry) }) },
    rateLimit: 'costly',
    examples: {
      replies: {
        200: {
          entries: [
            {
              seq: 1_234,
              time: 1_769_860_800_000,
              type: 'sign_in',
              prev: hash,
              keyId: 'audit:2026-01-01',
              commitment: hash,
              mac: hash,
              state: 'shown',
              payload: '{"type":"sign_in","outcome":"ok"}',
              salt: hash,
              network: '192.0.2.0/24',
              address: null,
            },
          ],
        },
      },
    },
  },
  exportMessages: {
    method: 'get',
    path: '/v1/messages/export',
    summary:
      'The usage log as one file. Only a file whose last record has the number of rows is complete',
    access: { permission: 'messages:export', ofTenant: true },
    query: ExportQuery,
    replies: { 200: { stream: ['text/csv', 'application/jsonl'] } },
    errors: ['restricted'],
    rateLimit: 'export',
  },
  ...importsApi,
  showStatistics: {
    method: 'get',
    path: '/v1/statistics',
    summary: 'How many recipients had which outcome, by UTC hour or day of acceptance',
    access: { permission: 'statistics:read', ofTenant: true },
    query: z.strictObject({
      by: z.enum(['hour', 'day']).default('day'),
      after: orAbsent(time).describe('Begins with the hour or day of this time'),
      before: orAbsent(time),
    }),
    replies: { 200: z.strictObject({ statistics: z.array(StatisticsRow) }) },
    rateLimit: 'costly',
    examples: {
      replies: {
        200: {
          statistics: [
            {
              from: '2026-01-31T00:00:00.000Z',
              credential: '018f3d2a-0000-7000-8000-0000000000aa',
              status: 'delivered',
              lastReply: '2xx',
              recipients: 1_250,
            },
          ],
        },
      },
    },
  },
  showRetention: {
    method: 'get',
    path: '/v1/retention',
    summary: 'For how many days the usage log is kept',
    access: { permission: 'retention:read', ofTenant: true },
    replies: { 200: Retention },
    examples: { replies: { 200: { usageLogDays: 7 } } },
  },
  setRetention: {
    method: 'put',
    path: '/v1/retention',
    summary:
      'Chooses for how many days the usage log is kept; older rows are removed within an hour',
    access: { permission: 'retention:write', ofTenant: true },
    body: Retention,
    replies: { 200: Retention },
    examples: { body: { usageLogDays: 2 }, replies: { 200: { usageLogDays: 2 } } },
  },
  showMessageState: {
    method: 'get',
    path: '/v1/operator/messages/{id}',
    summary: 'The state of a message for operators, without personal data',
    access: { permission: 'messages:state' },
    params: z.strictObject({ id: Id }),
    replies: { 200: z.strictObject({ recipients: z.array(RecipientStateRow) }) },
    examples: {
      replies: {
        200: {
          recipients: [
            {
              n: 0,
              tenant: '0f8fad5b-d9cb-469f-a165-70867728950e',
              acceptedAt: '2026-01-31T12:00:00.000Z',
              status: 'deferred',
              attempts: 2,
              siteClass: 'google',
              lastReply: '4xx',
              nextAttemptAt: '2026-01-31T12:15:00.000Z',
            },
          ],
        },
      },
    },
  },
  listFindings: {
    method: 'get',
    path: '/v1/findings',
    summary: 'What detection has found, newest first: of the own tenant, or for an operator all',
    access: { permission: 'findings:read' },
    query: z.strictObject({
      limit: orAbsent(z.coerce.number<string>().int().min(1).max(500)).describe('Default 50'),
      before: orAbsent(z.string().max(100)).describe('`next` of the previous page'),
    }),
    replies: {
      200: z.strictObject({ findings: z.array(Finding), next: z.string().nullable() }),
    },
    examples: {
      replies: {
        200: {
          findings: [
            {
              id: findingId,
              at: '2026-01-31T12:00:00.000Z',
              rule: 'guessed-secret',
              severity: 'high',
              tenant: '3c0b6f1e-5d57-4b0e-9a3b-0d6f5f6c7a10',
              subject: '5c0b6f1e-5d57-4b0e-9a3b-0d6f5f6c7a10',
              event: '019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
              count: 10,
            },
          ],
          next: null,
        },
      },
    },
  },
  getMessage: {
    method: 'get',
    path: '/v1/messages/{id}',
    summary: 'All recipients of one message',
    access: { permission: 'messages:read', ofTenant: true },
    params: z.strictObject({ id: Id }),
    query: z.strictObject({ purpose: orAbsent(z.literal('access')).describe(purposeOf) }),
    replies: { 200: z.strictObject({ messages: z.array(MessageRow) }) },
    errors: ['restricted'],
    examples: { replies: { 200: { messages: [row] } } },
  },
} as const satisfies ApiDefinition;
