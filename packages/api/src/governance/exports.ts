import { Id } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';

export const exportsApi = {
  downloadExport: {
    method: 'get',
    path: '/v1/requests/{id}/download',
    summary:
      'The data of a person as a zip, for 7 days: `export.json`, its schema, and a page in English and German',
    access: { permission: 'exports:read' },
    params: z.strictObject({ id: Id }),
    replies: { 200: 'octets' },
    headers: { 'content-disposition': 'The name of the file' },
    errors: ['conflict'],
    event: 'export_made',
    rateLimit: 'export',
  },
} as const satisfies ApiDefinition;
