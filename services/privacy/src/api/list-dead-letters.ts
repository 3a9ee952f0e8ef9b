import { routingKeys } from '@mysmtp/contracts';
import { operators, route, type Route } from '@mysmtp/http';
import type { Model } from 'mongoose';
import { z } from 'zod';
import type { DeadLetterDocument } from '../dead-letters/dead-letter.ts';

const DeadLetters = z.strictObject({
  deadLetters: z.array(
    z.strictObject({
      id: z.string(),
      exchange: z.string(),
      routingKey: z.string(),
      queue: z.string(),
      reason: z.string(),
      receivedAt: z.iso.datetime(),
    }),
  ),
});

/** They are few or something is very wrong; then the newest tell what. */
const most = 1_000;

export function listDeadLettersRoute(deadLetters: Model<DeadLetterDocument>): Route {
  return route({
    method: 'get',
    path: '/v1/dead-letters',
    summary: 'Events and commands that their consumer could not handle, newest first',
    access: operators,
    replies: { 200: DeadLetters },
    async handle() {
      const found = await deadLetters
        .find({ routingKey: { $ne: routingKeys.deadCanary } }, { content: 0 })
        .sort({ receivedAt: -1 })
        .limit(most)
        .lean();
      return {
        body: {
          deadLetters: found.map(({ _id, receivedAt, exchange, routingKey, queue, reason }) => ({
            id: _id,
            exchange,
            routingKey,
            queue,
            reason,
            receivedAt: receivedAt.toISOString(),
          })),
        } satisfies z.infer<typeof DeadLetters>,
      };
    },
  });
}
