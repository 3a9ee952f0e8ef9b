import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { EmailAddress } from '../schemas/text.ts';
import { documentLanguages } from './documents.ts';
import { Notified, requestKinds, requestStates } from './requests.ts';

const Time = z.iso.datetime();

const language = z.enum(documentLanguages).optional().describe('The default is by Accept-Language');
const InLanguage = z.strictObject({ language });

/** 128 random bits, base64url, from the mail. */
const Code = z.string().regex(/^[\w-]{22}$/);
/** 256 random bits, base64url. */
const Secret = z.string().regex(/^[\w-]{43}$/);

/**
 * Of a copy that was made. `sent_by_customer`: we do not hand it out, the customer does. `ended`: it could be
 * downloaded for 7 days.
 */
const copyStates = ['download', 'sent_by_customer', 'ended'] as const;
export type CopyState = (typeof copyStates)[number];

const Outcome = z.strictObject({
  state: z.enum(requestStates),
  certificate: z.string().nullable(),
  reason: z.string().nullable().describe('Of a refusal'),
  by: z.string().nullable().describe('Who the customer is, if the customer says so'),
  copy: z
    .enum(copyStates)
    .nullable()
    .describe(
      'Of access and portability, once the copy is made. `download`: here, for 7 days. `sent_by_customer`: the customer does not say who it is, and a copy would, so the customer sends it',
    ),
  download: z
    .strictObject({ part: z.string(), until: Time })
    .nullable()
    .describe('What `POST /v1/public/requests/download` takes, and until when'),
  notified: z
    .array(Notified)
    .describe(
      'The sub-processors that are told what was done, in the language of the answer (GDPR Art. 19)',
    ),
});
/** What was done for a person at one customer. */
export type RequestOutcome = z.output<typeof Outcome>;

const Status = z.strictObject({
  kind: z.enum(requestKinds),
  state: z.enum(requestStates),
  receivedAt: Time,
  dueAt: Time,
  cancellable: z.boolean(),
  parts: z.array(Outcome).describe('What was done: one for each customer that had data'),
});

const code = 'x'.repeat(22);
const secret = 'x'.repeat(43);
const at = '2026-11-30T12:00:00.000Z';
const status = {
  kind: 'erasure',
  state: 'completed_live',
  receivedAt: at,
  dueAt: '2026-12-30T12:00:00.000Z',
  cancellable: false,
  parts: [
    {
      state: 'completed_live',
      certificate: 'a.b.c',
      reason: null,
      by: null,
      copy: null,
      download: null,
      notified: [{ recipient: 'Example Hosting GmbH', at, reason: null }],
    },
  ],
} as const;

const page = {
  page: true,
  headers: { 'content-language': 'Language of the page' },
} as const;
const form = { ...page, method: 'post', access: { public: true }, form: true } as const;

/** For people without an account: the sender or the recipient of a mail. Each is also a page. */
export const publicRequestsApi = {
  showRequestForm: {
    ...page,
    method: 'get',
    path: '/v1/public/requests',
    summary: 'The page on which a person who has no account requests a right',
    access: { public: true },
    query: InLanguage,
    replies: { 200: z.strictObject({ kinds: z.array(z.enum(requestKinds)), contact: z.string() }) },
  },
  requestPublicly: {
    ...form,
    path: '/v1/public/requests',
    summary:
      'Sends a mail with a link to an address. The answer is the same whether we know the address or not',
    body: z.strictObject({ address: EmailAddress, kind: z.enum(requestKinds), language }),
    replies: { 202: z.strictObject({ next: z.literal('mail') }) },
    // It sends a mail.
    rateLimit: 'sign-in',
    examples: {
      body: { address: 'jane@example.org', kind: 'erasure' },
      replies: { 202: { next: 'mail' } },
    },
  },
  showConfirmation: {
    ...page,
    method: 'get',
    path: '/v1/public/requests/confirm',
    summary: 'The page of the link in the mail. It changes nothing: programs open links, too',
    access: { public: true },
    query: z.strictObject({ language, code: Code.optional() }),
    replies: { 200: z.strictObject({ next: z.literal('confirm') }) },
    rateLimit: 'sign-in',
  },
  confirmRequest: {
    ...form,
    path: '/v1/public/requests/confirm',
    summary: 'Confirms a request by the code of the mail, once and within 30 minutes',
    body: z.strictObject({ code: Code, language }),
    replies: {
      200: z.strictObject({
        id: z.string(),
        secret: z.string().describe('Shown once: shows the state of the request'),
        nonce: z
          .string()
          .describe('Shown once: with it and the address anybody can check a certificate'),
      }),
    },
    errors: ['not-found'],
    rateLimit: 'sign-in',
    examples: {
      body: { code },
      replies: { 200: { id: '0f8fad5b-d9cb-469f-a165-70867728950e', secret, nonce: 'c0ffee' } },
    },
  },
  showRequestStatus: {
    ...form,
    path: '/v1/public/requests/status',
    summary: 'What was done about a request, by its secret',
    body: z.strictObject({ secret: Secret, language }),
    replies: { 200: Status },
    errors: ['not-found'],
    rateLimit: 'sign-in',
    examples: { body: { secret }, replies: { 200: status } },
  },
  downloadCopy: {
    method: 'post',
    path: '/v1/public/requests/download',
    summary:
      'The copy of the data at one customer as a zip, for 7 days, by the secret of the request: `export.json`, its schema, and a page in English and German',
    access: { public: true },
    form: true,
    body: z.strictObject({ secret: Secret, part: Id }),
    replies: { 200: 'octets' },
    headers: { 'content-disposition': 'The name of the file' },
    errors: ['not-found'],
    rateLimit: 'export',
    examples: { body: { secret, part: '0f8fad5b-d9cb-469f-a165-70867728950e' } },
  },
  withdrawRequest: {
    ...form,
    path: '/v1/public/requests/withdraw',
    summary: 'Withdraws a request, while nothing is destroyed, by its secret',
    body: z.strictObject({ secret: Secret, language }),
    replies: { 200: Status },
    errors: ['not-found', 'conflict'],
    rateLimit: 'sign-in',
    examples: { body: { secret }, replies: { 200: { ...status, state: 'cancelled' } } },
  },
} as const satisfies ApiDefinition;
