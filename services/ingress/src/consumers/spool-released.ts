import type { Delivery, Outcome } from '@mysmtp/broker';
import { readContent, SpoolReleased } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Spool } from '../spool/spool.ts';

const delays = { first: 100, longest: 5_000 } as const;

/** Delivery needs these spooled messages no more. */
export function spoolReleased(options: {
  readonly spool: Spool;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { spool, log, stopping } = options;
  return async ({ content }) => {
    const released = readContent(SpoolReleased, content);
    if (released === undefined) {
      // Whatever it is, it will not become readable; where it goes an operator sees it.
      log.error('spool.unreadable_release');
      return 'dead';
    }
    // Held here while the database is away: giving it back each time would use up its deliveries.
    const { ids } = released;
    return retry(() => spool.remove(ids), {
      ...delays,
      signal: stopping,
      onRetry: (error) => log.warn('spool.not_removed', { count: ids.length, error }),
    }).then(
      () => 'ack',
      () => 'retry',
    );
  };
}
