import { Id } from '@mysmtp/contracts';
import { operators, problems, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Held } from '../handling/held.ts';

export function settleHeldRoute(held: Held): Route {
  return route({
    method: 'post',
    path: '/v1/held/{id}',
    summary: 'Releases a parked message for another attempt now, or cancels it',
    access: operators,
    params: z.strictObject({ id: Id }),
    body: z.strictObject({ action: z.enum(['release', 'cancel']) }),
    replies: { 204: null },
    async handle({ params, body }) {
      const done = await held[body.action](params.id);
      if (!done) throw problems.notFound();
      return { status: 204 };
    },
  });
}
