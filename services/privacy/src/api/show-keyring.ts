import type { KeyDays } from '@mysmtp/contracts';
import { operators, route, type Route } from '@mysmtp/http';
import type { Clock } from '@mysmtp/service';
import { z } from 'zod';
import { isDue } from '../keyring/day-roots.ts';
import type { Roots } from '../keyring/roots.ts';

const Time = z.iso.datetime();

const Keyring = z.strictObject({
  roots: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['epoch', 'mail', 'events']),
      day: z.string().nullable(),
      createdAt: Time,
      destroyedAt: Time.nullable(),
      /** Its day is over and it is still there. */
      overdue: z.boolean(),
    }),
  ),
});

export function showKeyringRoute(means: { roots: Roots; days: KeyDays; clock: Clock }): Route {
  return route({
    method: 'get',
    path: '/v1/keyring',
    summary: 'All roots, those that were destroyed included: ids and times, never a secret',
    access: operators,
    replies: { 200: Keyring },
    async handle() {
      const now = means.clock.now();
      const roots = await means.roots.all();
      return {
        body: {
          roots: roots.map((root) => ({
            id: root._id,
            kind: root.kind,
            day: root.day,
            createdAt: root.createdAt.toISOString(),
            destroyedAt: root.destroyedAt?.toISOString() ?? null,
            overdue: root.destroyedAt === null && isDue(root, means.days, now),
          })),
        } satisfies z.infer<typeof Keyring>,
      };
    },
  });
}
