import type { deliveryApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Drain } from '../handling/drained.ts';
import type { Upkeep } from '../shelf/upkeep.ts';

/**
 * Privacy asks before it destroys a day's key: mail still to be delivered keeps it alive. What is on
 * the shelf is counted. A 0 is said only where none of that day can be with the broker or in the
 * hands of any process (handling/drained.ts); else this fails, and privacy keeps the key.
 */
export function undelivered(
  upkeep: Upkeep,
  drain: Pick<Drain, 'hasLeftBroker'>,
): Handler<typeof deliveryApi.undelivered> {
  return async ({ body: { day } }) => {
    // In this order: what leaves the broker goes to the shelf.
    const hasLeft = drain.hasLeftBroker(day);
    const count = await upkeep.countOfDay(day);
    if (count === 0 && !hasLeft) {
      throw problems.unavailable('Mail of that day may still be with the broker');
    }
    return { status: 200, body: { count } };
  };
}
