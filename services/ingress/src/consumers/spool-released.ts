import type { Delivery, Outcome } from '@mysmtp/broker';
import { readContent, SpoolReleased } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { Spool } from '../spool/spool.ts';

const delays = { first: 100, longest: 5_000 } as const;

/** Removes spooled messages that delivery does not need any more. */
export function spoolReleased(deps: {
  readonly spool: Spool;
  readonly log: Logger;
  readonly stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { spool, log, stopping } = deps;
  return async ({ content }) => {
    const released = readContent(SpoolReleased, content);
    if (released === undefined) {
      // It stays unreadable. An operator sees it in the dead-letter queue.
      log.error('spool.unreadable_release');
      return 'dead';
    }
    // Retried here while the database is unreachable. A requeue at each try would reach the delivery limit.
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
