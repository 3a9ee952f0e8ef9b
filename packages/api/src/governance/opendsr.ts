import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { EmailAddress } from '../schemas/text.ts';
import { mostAddresses } from './requests.ts';

// The names of OpenDSR 2.0 (formerly OpenGDPR). docs/rights.md says where we differ.

const Time = z.iso.datetime({ offset: true });

const types = [
  'access',
  'portability',
  'erasure',
  'rectification',
  'restriction',
  'objection',
] as const;

/** Chosen by the controller: a UUID. */
const RequestId = z.uuid().toLowerCase();

const Identity = z.strictObject({
  identity_type: z.literal('email'),
  identity_value: EmailAddress,
  identity_format: z.literal('raw'),
});

const status = {
  controller_id: z.string().describe('Id of the tenant'),
  expected_completion_time: Time,
  subject_request_id: z.string(),
};

const Extensions = z.strictObject({
  mysmtp: z.strictObject({
    requests: z.array(z.strictObject({ id: z.string(), nonce: z.string() })),
  }),
});

const id = 'a7551968-d5d6-44b2-9831-815ac9017798';
const at = '2026-11-30T12:00:00.000Z';
const due = '2026-12-30T12:00:00.000Z';
const OfRequest = z.strictObject({ id: Id.describe('The `subject_request_id`') });

export const openDsrApi = {
  discoverOpenDsr: {
    method: 'get',
    path: '/v1/opendsr/discovery',
    summary: 'What we support of OpenDSR',
    access: { public: true },
    replies: {
      200: z.strictObject({
        api_version: z.string(),
        supported_identities: z.array(
          z.strictObject({ identity_type: z.string(), identity_format: z.string() }),
        ),
        supported_subject_request_types: z.array(z.string()),
        processor_certificate: z.string().describe('URL of the keys (JWK Set) of our signatures'),
      }),
    },
  },
  createOpenDsrRequest: {
    method: 'post',
    path: '/v1/opendsr/requests',
    summary: 'Requests a right for people of the tenant, in the form of OpenDSR',
    access: { permission: 'requests:write', ofTenant: true },
    event: 'data_request',
    body: z.strictObject({
      regulation: z.literal('gdpr').optional(),
      subject_request_id: RequestId,
      subject_request_type: z.enum(types),
      submitted_time: Time,
      subject_identities: z.array(Identity).min(1).max(mostAddresses),
      api_version: z.string().max(16).optional(),
      property_id: z.string().max(256).optional(),
      status_callback_urls: z
        .array(z.url({ protocol: /^https?$/ }).max(1_000))
        .max(3)
        .optional(),
      extensions: z
        .record(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/), z.unknown())
        .optional()
        .describe('By domain of a processor. We ignore them'),
    }),
    bodyLimit: 2 * 1_048_576,
    replies: {
      201: z.strictObject({
        ...status,
        received_time: Time,
        encoded_request: z.string().describe('What we received, as JSON in base64'),
        extensions: Extensions,
      }),
    },
    headers: {
      'x-opendsr-processor-domain': 'Host of this API',
      'x-opendsr-signature': 'Detached JWS (RFC 7515 appendix F) over `encoded_request`',
    },
    errors: ['conflict'],
    rateLimit: 'costly',
    whileStopped: true,
    examples: {
      body: {
        regulation: 'gdpr',
        subject_request_id: id,
        subject_request_type: 'erasure',
        submitted_time: at,
        subject_identities: [
          { identity_type: 'email', identity_value: 'jane@example.org', identity_format: 'raw' },
        ],
        api_version: '2.0',
        status_callback_urls: ['https://example.org/opendsr/callbacks'],
      },
      replies: {
        201: {
          controller_id: id,
          expected_completion_time: due,
          subject_request_id: id,
          received_time: at,
          encoded_request: 'e30=',
          extensions: { mysmtp: { requests: [{ id, nonce: 'c0ffee' }] } },
        },
      },
    },
  },
  showOpenDsrRequest: {
    method: 'get',
    path: '/v1/opendsr/requests/{id}',
    summary: 'The status of such a request',
    access: { permission: 'requests:others', ofTenant: true },
    params: OfRequest,
    replies: {
      200: z.strictObject({
        ...status,
        request_status: z.enum(['pending', 'in_progress', 'completed', 'cancelled']),
        api_version: z.string(),
        results_url: z.string().nullable(),
      }),
    },
    examples: {
      replies: {
        200: {
          controller_id: id,
          expected_completion_time: due,
          subject_request_id: id,
          request_status: 'in_progress',
          api_version: '2.0',
          results_url: null,
        },
      },
    },
  },
  cancelOpenDsrRequest: {
    method: 'delete',
    path: '/v1/opendsr/requests/{id}',
    summary: 'Withdraws such a request, while nothing is destroyed',
    access: { permission: 'requests:write', ofTenant: true },
    params: OfRequest,
    replies: {
      202: z.strictObject({
        controller_id: z.string(),
        subject_request_id: z.string(),
        received_time: Time,
      }),
    },
    errors: ['conflict'],
    rateLimit: 'costly',
    whileStopped: true,
    examples: {
      replies: { 202: { controller_id: id, subject_request_id: id, received_time: at } },
    },
  },
} as const satisfies ApiDefinition;
