import { internalApis } from '@mysmtp/contracts';
import { implement, problems, type Route } from '@mysmtp/http';
import type { Drain } from '../consumers/drained.ts';
import type { Upkeep } from '../shelf/upkeep.ts';

/**
 * Privacy asks before it destroys a day's key: mail still to be delivered keeps it alive. What is on
 * the shelf is counted. A 0 is said only where none of that day can be with the broker or in the
 * hands of any process (consumers/drained.ts); else this fails, and privacy keeps the key.
 */
export function undeliveredRoute(upkeep: Upkeep, drain: Pick<Drain, 'hasLeftBroker'>): Route {
  return implement(
    internalApis.undeliveredMail,
    'How much mail of a day is not delivered yet',
    async ({ day }) => {
      // In this order: what leaves the broker goes to the shelf.
      const hasLeft = drain.hasLeftBroker(day);
      const count = await upkeep.countOfDay(day);
      if (count === 0 && !hasLeft) {
        throw problems.unavailable('Mail of that day may still be with the broker');
      }
      return { count };
    },
  );
}
