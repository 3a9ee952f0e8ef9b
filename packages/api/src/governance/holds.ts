import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { EmailAddress } from '../schemas/text.ts';
import { Prose } from './requests.ts';

const Time = z.iso.datetime();
const Store = z.string().min(1).max(100).describe('Id of a store of the registry');

const Hold = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  store: z.string(),
  ground: z.string(),
  approvedBy: z.string(),
  at: Time,
  until: Time,
  releasedAt: Time.nullable(),
});

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
const at = '2026-11-30T12:00:00.000Z';
const until = '2027-11-30T12:00:00.000Z';
const ground = 'Claim of the customer, file number 4711 (GDPR Art. 17(3)(e))';

/** Legal holds (GDPR Art. 17(3)): what an erasure of a person must keep for a time. */
export const holdsApi = {
  createHold: {
    method: 'post',
    path: '/v1/holds',
    summary:
      'Keeps the records of a person in one store of a tenant until a date; who calls it approves it',
    access: { permission: 'holds:write' },
    body: z.strictObject({
      tenant: Id,
      address: EmailAddress,
      store: Store,
      ground: Prose.describe('Why, with the article of the law. The certificate states it'),
      until: Time,
    }),
    replies: { 201: z.strictObject({ id: z.string() }) },
    headers: { location: 'URL of the hold' },
    rateLimit: 'costly',
    examples: {
      body: { tenant: id, address: 'jane@example.org', store: 'logging.messages', ground, until },
      replies: { 201: { id } },
    },
  },
  listHolds: {
    method: 'get',
    path: '/v1/holds',
    summary: 'All holds, also those that have ended. Newest first',
    access: { permission: 'holds:read' },
    replies: { 200: z.strictObject({ holds: z.array(Hold) }) },
    examples: {
      replies: {
        200: {
          holds: [
            {
              id,
              tenant: id,
              store: 'logging.messages',
              ground,
              approvedBy: `person:${id}`,
              at,
              until,
              releasedAt: null,
            },
          ],
        },
      },
    },
  },
  releaseHold: {
    method: 'post',
    path: '/v1/holds/{id}/release',
    summary: 'Ends a hold. The erasures that it held run again',
    access: { permission: 'holds:write' },
    params: z.strictObject({ id: Id }),
    body: z.strictObject({ reason: Prose }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { reason: 'The claim is settled.' } },
  },
} as const satisfies ApiDefinition;
