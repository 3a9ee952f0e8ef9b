import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { line } from '../schemas/text.ts';
import { ById, createdAt, id, OfTenant, Time } from './common.ts';

const Stopped = z.enum(['suspended', 'restricted']);
const Said = z.strictObject({ text: z.string(), at: Time }).nullable();

/** A tenant or credential that an operator has stopped. In force until it is lifted. */
const Suspension = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  credential: z.string().nullable().describe('`null`: the whole tenant'),
  status: Stopped,
  reason: z.string(),
  at: Time,
  appeal: Said,
  answer: Said,
  liftedAt: Time.nullable(),
});

const suspension = {
  id,
  tenant: id,
  credential: null,
  status: 'suspended',
  reason: 'Unsolicited mail to many recipients',
  at: createdAt,
  appeal: { text: 'The list had their consent', at: createdAt },
  answer: null,
  liftedAt: null,
};

export const suspensionsApi = {
  listSuspensions: {
    method: 'get',
    path: '/v1/suspensions',
    summary: 'Why a tenant or its credentials are stopped, with appeals and answers; newest first',
    access: { permission: 'suspensions:read' },
    query: OfTenant,
    replies: { 200: z.strictObject({ suspensions: z.array(Suspension) }) },
    examples: { replies: { 200: { suspensions: [suspension] } } },
  },
  createSuspension: {
    method: 'post',
    path: '/v1/suspensions',
    summary:
      'Stops a tenant or a credential, with a reason that the tenant reads. `restricted`: its data is kept and not used (GDPR Art. 18)',
    access: { permission: 'suspensions:write' },
    body: z
      .strictObject({
        tenant: Id,
        credential: Id.optional(),
        status: Stopped,
        reason: line(1_000),
      })
      .refine(
        ({ credential, status }) => credential === undefined || status === 'suspended',
        'Only a tenant can be restricted',
      ),
    replies: { 201: Suspension },
    rateLimit: 'costly',
    examples: {
      body: { tenant: id, status: 'suspended', reason: suspension.reason },
      replies: { 201: { ...suspension, appeal: null } },
    },
  },
  appealSuspension: {
    method: 'post',
    path: '/v1/suspensions/{id}/appeal',
    summary: 'The appeal of the tenant, once. An operator answers it',
    access: { permission: 'suspensions:appeal', ofTenant: true },
    params: ById,
    body: z.strictObject({ text: line(2_000) }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    whileStopped: true,
    rateLimit: 'costly',
    examples: { body: { text: 'The list had their consent' } },
  },
  answerSuspension: {
    method: 'post',
    path: '/v1/suspensions/{id}/answer',
    summary:
      'Answers an appeal, or lifts the suspension also without one; the tenant reads the text',
    access: { permission: 'suspensions:write' },
    params: ById,
    body: z.strictObject({ lift: z.boolean(), text: line(2_000) }),
    replies: { 204: 'empty' },
    errors: ['conflict'],
    rateLimit: 'costly',
    examples: { body: { lift: true, text: 'The consent was shown' } },
  },
} as const satisfies ApiDefinition;
