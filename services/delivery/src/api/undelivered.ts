import { internalApis } from '@mysmtp/contracts';
import { implement, type Route } from '@mysmtp/http';
import type { Upkeep } from '../shelf/upkeep.ts';

/** Privacy asks before it destroys a day's key: mail still to be delivered keeps it alive. */
export function undeliveredRoute(upkeep: Upkeep): Route {
  return implement(
    internalApis.undeliveredMail,
    'How much mail of a day is not delivered yet',
    async ({ day }) => ({ count: await upkeep.countOfDay(day) }),
  );
}
