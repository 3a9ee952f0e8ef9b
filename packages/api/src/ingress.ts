import {
  callersOf,
  internalApis,
  quotasOf,
  spoolReadPath,
  SpoolReadRequest,
} from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from './definition.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';

/** One limit of mail in its current UTC hour, day or month. */
const Use = z.strictObject({
  limit: z.enum([...quotasOf('tenant'), ...quotasOf('credential')]),
  max: z.int().nonnegative(),
  used: z.int(),
  resetsAt: z.iso.datetime(),
});

const use = {
  limit: 'messagesPerDay',
  max: 500_000,
  used: 1_250,
  resetsAt: '2026-02-01T00:00:00.000Z',
};

export const ingressApi = {
  showKeys,
  showUsage: {
    method: 'get',
    path: '/v1/usage',
    summary: 'How much mail a tenant and each of its credentials has sent, beside the limits',
    access: { permission: 'usage:read', ofTenant: true },
    replies: {
      200: z.strictObject({
        usage: z.array(Use),
        credentials: z.array(
          z.strictObject({
            id: z.string(),
            usage: z.array(Use),
            throttledUntil: z.iso
              .datetime()
              .nullable()
              .describe('Set while too much mail of this credential bounces'),
          }),
        ),
      }),
    },
    rateLimit: 'costly',
    examples: { replies: { 200: { usage: [use], credentials: [] } } },
  },
  readSpool: {
    method: 'post',
    path: spoolReadPath,
    summary: 'One sealed chunk of a spooled message',
    access: { services: callersOf('readSpool') },
    body: SpoolReadRequest,
    replies: { 200: 'octets' },
    // Not 404, because a wrong URL answers 404 and the reader drops a message for this status.
    errors: ['gone'],
  },
  submitNotice: {
    ...internalRoute(internalApis.submitNotice, 'Accepts a notice to a person who has an account'),
    errors: ['not-found'],
  },
} as const satisfies ApiDefinition;
