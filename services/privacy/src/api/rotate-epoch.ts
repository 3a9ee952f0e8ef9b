import { operators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import { rotateEpoch } from '../keyring/rotate-epoch.ts';

export function rotateEpochRoute(means: Parameters<typeof rotateEpoch>[0]): Route {
  return route({
    method: 'post',
    path: '/v1/keyring/epochs',
    summary:
      'A new epoch: living tenants are wrapped again under a new root, older roots are destroyed',
    access: operators,
    replies: { 201: z.strictObject({ epoch: z.string(), rewrapped: z.number().int() }) },
    handle: async () => ({ status: 201, body: await rotateEpoch(means) }),
  });
}
