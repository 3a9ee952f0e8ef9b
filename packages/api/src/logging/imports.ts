import { PersonExport } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';

/** Octets of an export that can be imported. */
const importLimit = 8 * 1_048_576;

export const importsApi = {
  importMessages: {
    method: 'post',
    path: '/v1/imports',
    summary:
      'Adds the rows of the usage log in an export of a person’s data (`export.json`), under new ids',
    access: { permission: 'messages:import', ofTenant: true },
    body: PersonExport,
    bodyLimit: importLimit,
    replies: {
      200: z.strictObject({
        imported: z.int(),
        expired: z.int().describe('Rows that are older than the log is kept'),
      }),
    },
    rateLimit: 'export',
    examples: {
      body: {
        v: 1,
        request: '0f8fad5b-d9cb-469f-a165-70867728950e',
        address: 'customer@example.net',
        createdAt: '2026-01-31T12:00:00.000Z',
        masked: false,
        data: {
          'delivery.deferred': [],
          'delivery.suppressions': [],
          'logging.messages': [],
          'logging.restrictions': [],
          'identity.people': [],
          'privacy.orders': [],
        },
      },
      replies: { 200: { imported: 12, expired: 0 } },
    },
  },
} as const satisfies ApiDefinition;
