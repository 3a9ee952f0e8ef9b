import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { EmailAddress, line, trimmed } from '../schemas/text.ts';

const Time = z.iso.datetime();

/** The rights of one person (GDPR Art. 15 to 18, 20, 21). */
export const requestKinds = [
  'access',
  'portability',
  'rectification',
  'erasure',
  'restriction',
  'objection',
] as const;
export type RequestKind = (typeof requestKinds)[number];

/**
 * How a request came in. `account`: of a person who is signed in, about the own data. `api`: of a tenant, for
 * its own people. `public`: the public page. `letter`, `mail`: entered by an operator. `one-click`: the link in a
 * mail (RFC 8058).
 */
export const requestChannels = ['account', 'api', 'public', 'letter', 'mail', 'one-click'] as const;
export type RequestChannel = (typeof requestChannels)[number];

/**
 * `partial` and `failed` are tried again. `held`: a legal hold keeps something (GDPR Art. 17(3)). Done:
 * `completed_live` (of an erasure; backups end later), `completed`, `refused`, `cancelled`.
 */
export const requestStates = [
  'awaiting_challenge',
  'received',
  'waiting_for_tenant',
  'in_progress',
  'partial',
  'failed',
  'held',
  'completed_live',
  'completed',
  'refused',
  'cancelled',
] as const;
export type RequestState = (typeof requestStates)[number];

export const mostAddresses = 5_000;

/** Text of a human, of several lines. */
export const Prose = trimmed(4_000);

const Kind = z.enum(requestKinds);

const Details = z
  .strictObject({
    address: EmailAddress.optional().describe('Rectification: the right address'),
    name: line(200).optional().describe('Rectification: the right name'),
    lift: z.boolean().optional().describe('Restriction: ends it'),
  })
  .describe('What the right needs besides the address');
export type RequestDetails = z.output<typeof Details>;

const CallbackUrl = z.url({ protocol: /^https?$/ }).max(1_000);

const Receipt = z.strictObject({ store: z.string(), jws: z.string() });

const summary = {
  id: z.string(),
  kind: Kind,
  channel: z.enum(requestChannels),
  state: z.enum(requestStates),
  receivedAt: Time,
  dueAt: Time.describe('By law: one month, or three after an extension (GDPR Art. 12(3))'),
  ourDueAt: Time.describe('Our own target: 72 hours'),
};

/** A recipient of the data that is told what was done. */
export const Notified = z.strictObject({
  recipient: z.string().describe('Name of the sub-processor'),
  at: Time.nullable().describe('When our relay has accepted the mail; `null`: not yet, or none'),
  reason: z.string().nullable().describe('Why it gets no mail'),
});
export const mailId = z.string().nullable().describe('Id of the mail');

const Shown = z.strictObject({
  ...summary,
  address: z.string().nullable().describe('For the tenant, until the request is done'),
  actsAt: Time.nullable().describe(
    'When a request that waits is executed: for the tenant, or 72 hours after a change of the account in whose session it was made',
  ),
  waitingFor: z.array(z.string()),
  receipts: z.array(Receipt),
  certificate: z.string().nullable(),
  download: z.string().nullable().describe('Path of the data'),
  cancellable: z.boolean().describe('Nothing is destroyed yet'),
  parent: z
    .string()
    .nullable()
    .describe('The request of which this is a part, or which it repeats'),
  parts: z.array(z.string()).describe('Ids of its parts: one for each customer, or a repetition'),
  notified: z
    .array(
      Notified.extend({
        recipient: z.string().describe('`customer`, or the name of a sub-processor'),
        about: z.enum(['rectification', 'erasure', 'restriction', 'lifting']),
        message: mailId,
      }),
    )
    .describe('The recipients of the data that are told what was done (GDPR Art. 19)'),
  history: z.array(
    z.strictObject({
      at: Time,
      by: z.string(),
      kind: z.string(),
      reason: z.string().nullable(),
    }),
  ),
});

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const at = '2026-11-30T12:00:00.000Z';

const exampleSummary = {
  id,
  kind: 'access',
  channel: 'api',
  state: 'in_progress',
  receivedAt: at,
  dueAt: '2026-12-30T12:00:00.000Z',
  ourDueAt: '2026-12-03T12:00:00.000Z',
} as const;

const exampleShown = {
  ...exampleSummary,
  address: 'jane@example.org',
  actsAt: null,
  waitingFor: ['logging'],
  receipts: [],
  certificate: null,
  download: null,
  cancellable: true,
  parent: null,
  parts: [],
  notified: [],
  history: [{ at, by: `token:${id}`, kind: 'received', reason: null }],
};

const OfRequest = z.strictObject({ id: Id });

const Policy = z.strictObject({
  mode: z
    .enum(['act_at_once', 'wait'])
    .describe('`wait`: requests of the public page wait for you, and are executed after the days'),
  days: z.int().min(1).max(21).describe('How long they wait'),
  disclosedAs: line(300)
    .nullable()
    .describe(
      'What the person learns about who you are; the person then downloads the copy, too. `null`: nothing, and you send the copy',
    ),
});
const examplePolicy = { mode: 'wait', days: 7, disclosedAs: null } as const;

export const requestsApi = {
  createRequests: {
    method: 'post',
    path: '/v1/requests',
    summary:
      'Requests a right for people of the tenant, by address; without addresses for the person who is signed in',
    access: { permission: 'requests:write' },
    event: 'data_request',
    body: z.strictObject({
      kind: Kind,
      addresses: z
        .array(EmailAddress)
        .min(1)
        .max(mostAddresses)
        .optional()
        .describe('Without it: the own account, of a person who is signed in'),
      details: Details.optional(),
      language: z.enum(['en', 'de']).optional().describe('Of mails to the person. Default en'),
      callback: CallbackUrl.optional().describe('Gets a signed POST when a request ends'),
    }),
    bodyLimit: 2 * 1_048_576,
    replies: {
      202: z.strictObject({
        requests: z.array(
          z.strictObject({
            id: z.string(),
            nonce: z
              .string()
              .describe('Shown once: with it and the address anybody can check the certificate'),
          }),
        ),
      }),
    },
    errors: ['conflict'],
    // The account of the person is a record of identity.
    rateLimit: 'costly',
    whileStopped: true,
    examples: {
      body: { kind: 'access', addresses: ['jane@example.org'] },
      replies: { 202: { requests: [{ id, nonce: 'c0ffee' }] } },
    },
  },
  listRequests: {
    method: 'get',
    path: '/v1/requests',
    summary: 'Requests of the tenant, or the own ones; of all tenants for operators. Newest first',
    access: { permission: 'requests:read' },
    query: z.strictObject({
      state: z.enum(requestStates).optional(),
      before: Time.optional().describe('Received before this time'),
      limit: z.coerce.number<string>().int().min(1).max(1_000).optional().describe('Default 100'),
    }),
    replies: { 200: z.strictObject({ requests: z.array(z.strictObject(summary)) }) },
    examples: { replies: { 200: { requests: [exampleSummary] } } },
  },
  showRequest: {
    method: 'get',
    path: '/v1/requests/{id}',
    summary: 'A request: its state, clocks and history, receipts, and at the end the certificate',
    access: { permission: 'requests:read' },
    params: OfRequest,
    replies: { 200: Shown },
    examples: { replies: { 200: exampleShown } },
  },
  cancelRequest: {
    method: 'delete',
    path: '/v1/requests/{id}',
    summary: 'Withdraws a request, while nothing is destroyed',
    access: { permission: 'requests:write' },
    params: OfRequest,
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
    whileStopped: true,
  },
  decideRequest: {
    method: 'post',
    path: '/v1/requests/{id}/decisions',
    summary: 'Records what a human decided about a request, with the reason',
    access: { permission: 'requests:decide' },
    params: OfRequest,
    body: z.strictObject({
      decision: z
        .enum(['act', 'refuse', 'extend', 'identified', 'challenge', 'note'])
        .describe(
          '`act`: a request that waits for the tenant is executed now, or a restriction is lifted now because you have told the person yourself (by a person, never by a key). `refuse`: by a person, never by a key. `extend`: by two months, within the first. `identified`: the person has shown who they are in another way. `challenge`: sends the mail with the link again',
        ),
      reason: Prose.describe('The person learns it, if it is a refusal or an extension'),
    }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { decision: 'extend', reason: 'The archive has to be searched by hand.' } },
  },
  enterRequest: {
    method: 'post',
    path: '/v1/requests/entered',
    summary:
      'Enters a request that came by letter or by mail: a mail asks the person to confirm it',
    access: { permission: 'requests:enter' },
    event: 'data_request',
    body: z.strictObject({
      channel: z.enum(['letter', 'mail']),
      kind: Kind,
      address: EmailAddress,
      details: Details.optional(),
      receivedAt: Time.describe('When it arrived: the clock starts then'),
      language: z.enum(['en', 'de']),
      note: Prose.describe('Where the letter is kept, or the id of the mail'),
    }),
    replies: { 201: z.strictObject({ id: z.string() }) },
    headers: { location: 'URL of the request' },
    rateLimit: 'costly',
    examples: {
      body: {
        channel: 'letter',
        kind: 'erasure',
        address: 'jane@example.org',
        receivedAt: at,
        language: 'de',
        note: 'Folder 12, page 3',
      },
      replies: { 201: { id } },
    },
  },
  showRequestPolicy: {
    method: 'get',
    path: '/v1/request-policy',
    summary: 'What happens to a request of a person that reaches the tenant by the public page',
    access: { permission: 'requests:read', ofTenant: true },
    replies: { 200: Policy },
    examples: { replies: { 200: examplePolicy } },
  },
  setRequestPolicy: {
    method: 'put',
    path: '/v1/request-policy',
    summary: 'Sets what happens to such requests from now on',
    access: { permission: 'request-policy:write', ofTenant: true },
    body: Policy,
    replies: { 204: 'empty' },
    rateLimit: 'costly',
    examples: { body: examplePolicy },
  },
} as const satisfies ApiDefinition;
