import { operators, route, type Route } from '@mysmtp/http';
import { z } from 'zod';
import { stateOf, steps, type Ledger } from '../erasures/ledger.ts';

const Erasures = z.strictObject({
  erasures: z.array(
    z.strictObject({
      id: z.string(),
      state: z.enum([...steps, 'partial', 'failed']),
      requestedAt: z.iso.datetime(),
      missing: z.array(z.string()),
    }),
  ),
});

const most = 1_000;

export function listErasuresRoute(ledger: Ledger): Route {
  return route({
    method: 'get',
    path: '/v1/erasures',
    summary: 'Requests for erasure, newest first',
    access: operators,
    replies: { 200: Erasures },
    async handle() {
      const found = await ledger.find().sort({ requestedAt: -1 }).limit(most).lean();
      const body: z.infer<typeof Erasures> = {
        erasures: found.map((entry) => ({
          id: entry._id,
          state: stateOf(entry),
          requestedAt: entry.requestedAt.toISOString(),
          missing: [...entry.silent],
        })),
      };
      return { body };
    },
  });
}
