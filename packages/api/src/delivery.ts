import { Id, internalApis } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { suppressionsApi } from './delivery/suppressions.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';

const Time = z.iso.datetime();

const HeldMessage = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  acceptedAt: Time,
  heldAt: Time,
  reason: z.enum(['unreadable', 'handling_failed']),
  recipients: z.int().describe('Number of recipients that wait for it; 0 if it could not be read'),
});

const DnsRecord = z.strictObject({ name: z.string(), type: z.literal('TXT'), value: z.string() });

export const deliveryApi = {
  showKeys,
  dkimRecords: {
    method: 'get',
    path: '/v1/domains/{id}/dkim',
    summary: 'The DNS records to publish for a domain, so that a verifier can check the signatures',
    access: { permission: 'dkim:read', ofTenant: true, ofDomain: 'path' },
    params: z.strictObject({ id: Id }),
    replies: { 200: z.strictObject({ records: z.array(DnsRecord) }) },
    examples: {
      replies: {
        200: {
          records: [
            {
              name: 's1._domainkey.example.org',
              type: 'TXT',
              value: 'v=DKIM1; k=rsa; p=PUBLICKEY',
            },
            {
              name: 's2._domainkey.example.org',
              type: 'TXT',
              value: 'v=DKIM1; k=ed25519; p=PUBLICKEY',
            },
          ],
        },
      },
    },
  },
  listHeld: {
    method: 'get',
    path: '/v1/held',
    summary: 'Held messages, the earliest to expire first',
    access: { permission: 'held:read' },
    replies: { 200: z.strictObject({ held: z.array(HeldMessage) }) },
    examples: {
      replies: {
        200: {
          held: [
            {
              id: '019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
              tenant: '0f8fad5b-d9cb-469f-a165-70867728950e',
              acceptedAt: '2026-01-31T12:00:00.000Z',
              heldAt: '2026-01-31T12:05:00.000Z',
              reason: 'handling_failed',
              recipients: 1,
            },
          ],
        },
      },
    },
  },
  settleHeld: {
    method: 'post',
    path: '/v1/held/{id}',
    summary: 'Retries a held message now, or cancels it',
    access: { permission: 'held:settle' },
    params: z.strictObject({ id: Id }),
    body: z.strictObject({ action: z.enum(['release', 'cancel']) }),
    replies: { 204: 'empty' },
    rateLimit: 'costly',
    examples: { body: { action: 'release' } },
  },
  ...suppressionsApi,
  undelivered: internalRoute(
    internalApis.undeliveredMail,
    'How many messages of a day are not delivered yet',
  ),
} as const satisfies ApiDefinition;
