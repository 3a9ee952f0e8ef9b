import { callersOf, internalApis, spoolReadPath, SpoolReadRequest } from '@mysmtp/contracts';
import type { ApiDefinition } from './definition.ts';
import { internalRoute } from './internal.ts';
import { showKeys } from './published-keys.ts';

export const ingressApi = {
  showKeys,
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
