import { operators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import type { Held } from '../handling/held.ts';

const Time = z.iso.datetime();

const HeldList = z.strictObject({
  held: z.array(
    z.strictObject({
      id: z.string(),
      tenant: z.string(),
      acceptedAt: Time,
      heldAt: Time,
      reason: z.enum(['unreadable', 'handling_failed']),
      /** How many recipients wait for it; 0 where it could not be read. */
      recipients: z.number().int(),
    }),
  ),
});

export function listHeldRoute(held: Held): Route {
  return route({
    method: 'get',
    path: '/v1/held',
    summary: 'Parked mail, the one that expires first first',
    access: operators,
    replies: { 200: HeldList },
    async handle() {
      const messages = await held.list();
      const body: z.infer<typeof HeldList> = {
        held: messages.map((message) => ({
          ...message,
          acceptedAt: new Date(message.acceptedAt).toISOString(),
          heldAt: new Date(message.heldAt).toISOString(),
        })),
      };
      return { body };
    },
  });
}
