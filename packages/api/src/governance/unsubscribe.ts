import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';

/** The token of a link in a mail. It says nothing to its reader. */
const params = z.strictObject({ token: z.string().min(1).max(500) });

export const unsubscribeApi = {
  showUnsubscribe: {
    method: 'get',
    path: '/v1/unsubscribe/{token}',
    summary: 'The page of a link in a mail, by which its recipient objects to mail of the sender',
    access: { public: true },
    params,
    replies: { 200: z.strictObject({ state: z.literal('not_objected_here') }) },
    errors: ['not-found', 'unavailable'],
    page: true,
    examples: { replies: { 200: { state: 'not_objected_here' } } },
  },
  unsubscribe: {
    method: 'post',
    path: '/v1/unsubscribe/{token}',
    summary:
      'The recipient of a mail objects to further mail of its sender (RFC 8058, GDPR Art. 21)',
    access: { public: true },
    params,
    body: z.object({ 'List-Unsubscribe': z.literal('One-Click') }),
    replies: { 200: z.strictObject({ state: z.literal('objected') }) },
    errors: ['not-found', 'unavailable'],
    page: true,
    form: true,
    examples: {
      body: { 'List-Unsubscribe': 'One-Click' },
      replies: { 200: { state: 'objected' } },
    },
  },
} as const satisfies ApiDefinition;
