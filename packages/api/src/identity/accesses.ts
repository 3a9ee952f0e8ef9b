import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { line } from '../schemas/text.ts';
import { ById, createdAt, id, Time } from './common.ts';

const AccessLogEntry = z.strictObject({
  id: z.string(),
  at: Time,
  by: z.string().describe('`token:` and the id of an API key, or `person:` and the id of a person'),
  action: z.string().describe('The operation id of the route'),
  access: z.string().nullable().describe('The access under which it was seen; `null` for an act'),
  object: z.string().nullable().describe('The id of the object; `null` for a list'),
  reason: z.string().nullable(),
  ticket: z.string().nullable(),
});

export const accessesApi = {
  openAccess: {
    method: 'post',
    path: '/v1/accesses',
    summary:
      'Opens an access of this operator to the data of a tenant; the tenant sees it, and everything that is read',
    access: { permission: 'accesses:write' },
    event: 'access_opened',
    body: z.strictObject({
      tenant: Id,
      reason: line(500),
      ticket: line(100),
      minutes: z.int().min(1).max(240),
    }),
    replies: { 201: z.strictObject({ id: z.string(), until: Time }) },
    rateLimit: 'costly',
    examples: {
      body: { tenant: id, reason: 'Mail is refused', ticket: 'SUP-1234', minutes: 30 },
      replies: { 201: { id, until: createdAt } },
    },
  },
  closeAccess: {
    method: 'delete',
    path: '/v1/accesses/{id}',
    summary: 'Ends an access of this operator before its time',
    access: { permission: 'accesses:write' },
    params: ById,
    replies: { 204: 'empty' },
    rateLimit: 'costly',
  },
  readAccessLog: {
    method: 'get',
    path: '/v1/access-log',
    summary: 'What operators saw of the tenant and did to it, newest first',
    access: { permission: 'access-log:read', ofTenant: true },
    query: z.strictObject({
      limit: z.coerce.number<string>().int().min(1).max(500).optional().describe('Default 100'),
      before: Id.optional().describe('The last id of the previous page'),
    }),
    replies: { 200: z.strictObject({ entries: z.array(AccessLogEntry) }) },
    examples: {
      replies: {
        200: {
          entries: [
            {
              id: '019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
              at: createdAt,
              by: `person:${id}`,
              action: 'openAccess',
              access: id,
              object: null,
              reason: 'Mail is refused',
              ticket: 'SUP-1234',
            },
          ],
        },
      },
    },
  },
} as const satisfies ApiDefinition;
