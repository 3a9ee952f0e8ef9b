import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '@mysmtp/broker';
import { readContent, SpoolReleased } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Spool } from '../spool/spool.ts';

const longestDelay = 5_000;

/** Delivery needs these spooled messages no more. */
export function spoolReleased(options: {
  readonly spool: Spool;
  readonly log: Logger;
  readonly isStopping: () => boolean;
}): (delivery: Delivery) => Promise<Outcome> {
  const { spool, log, isStopping } = options;
  return async ({ content }) => {
    const released = readContent(SpoolReleased, content);
    if (released === undefined) {
      // Whatever it is, it will not become readable; where it goes an operator sees it.
      log.error('spool.unreadable_release');
      return 'dead';
    }
    // Held here while the database is away: giving it back each time would use up its deliveries.
    for (let delay = 100; ; delay = Math.min(delay * 2, longestDelay)) {
      try {
        await spool.remove(released.ids);
        return 'ack';
      } catch (error) {
        log.warn('spool.not_removed', { count: released.ids.length, error });
        if (isStopping()) return 'retry';
        await sleep(delay);
      }
    }
  };
}
