import type { deliveryApi } from '@mysmtp/api';
import { problems, type Handler } from '@mysmtp/http';
import type { Drain } from '../handling/queue-drain.ts';
import type { Maintenance } from '../deferred/maintenance.ts';

/**
 * Privacy calls this before it destroys a day's key, because undelivered mail still needs the key. Counts
 * the mail in the deferred queue. Answers 0 only if no mail of that day can be in the broker or in flight in
 * any process (handling/queue-drain.ts). Else the request fails, and privacy keeps the key.
 */
export function undelivered(
  maintenance: Maintenance,
  drain: Pick<Drain, 'hasLeftBroker'>,
): Handler<typeof deliveryApi.undelivered> {
  return async ({ body: { day } }) => {
    // In this order, because mail moves from the broker to the deferred queue.
    const hasLeft = drain.hasLeftBroker(day);
    const count = await maintenance.countOfDay(day);
    if (count === 0 && !hasLeft) {
      throw problems.unavailable('Mail of that day may still be with the broker');
    }
    return { status: 200, body: { count } };
  };
}
