import { Id, SuppressionGround } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { trimmed } from '../schemas/text.ts';

const Suppression = z.strictObject({
  id: z.string(),
  ground: SuppressionGround,
  request: z.string().describe('Id of the request of the person, or of the link in a mail'),
  at: z.iso.datetime(),
  consequence: z.string().describe('What removing it means'),
});

const Suppressions = z.strictObject({
  suppressions: z.array(Suppression),
  next: z.string().nullable().describe('`after` of the next page'),
});

const suppression = {
  id: '5b1f3a0e-7c59-4d0a-9a0b-2f6d1c8e4b7a',
  ground: 'objection',
  request: '0f8fad5b-d9cb-469f-a165-70867728950e',
  at: '2026-01-31T12:00:00.000Z',
  consequence: 'This person has objected to your mail. It will be sent to the person again.',
};

/** Addresses are not stored. A suppression is found by the address that the caller sends. */
export const suppressionsApi = {
  listSuppressions: {
    method: 'get',
    path: '/v1/suppressions',
    summary: 'The suppressions: the people to whom no mail is sent, without their addresses',
    access: { permission: 'suppressions:read', ofTenant: true },
    query: z.strictObject({
      after: Id.optional().describe('`next` of the previous page'),
      limit: z.coerce.number<string>().int().min(1).max(500).optional().describe('Default 50'),
    }),
    replies: { 200: Suppressions },
    rateLimit: 'costly',
    examples: { replies: { 200: { suppressions: [suppression], next: null } } },
  },
  searchSuppressions: {
    method: 'post',
    path: '/v1/suppressions/search',
    summary: 'The suppressions of one address',
    access: { permission: 'suppressions:read', ofTenant: true },
    body: z.strictObject({ address: trimmed(1_000) }),
    replies: { 200: Suppressions },
    whileStopped: true,
    rateLimit: 'costly',
    examples: {
      body: { address: 'customer@example.net' },
      replies: { 200: { suppressions: [suppression], next: null } },
    },
  },
  removeSuppression: {
    method: 'delete',
    path: '/v1/suppressions/{id}',
    summary: 'Removes the suppression of a person who wants the mail again; not a restriction',
    access: { permission: 'suppressions:write', ofTenant: true },
    params: z.strictObject({ id: Id }),
    query: z.strictObject({
      confirm: z
        .literal('send-again')
        .optional()
        .describe('Required. Confirms the consequence: mail is sent to this person again'),
    }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
  },
} as const satisfies ApiDefinition;
