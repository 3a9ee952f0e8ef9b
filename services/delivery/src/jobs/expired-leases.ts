import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Maintenance } from '../deferred/maintenance.ts';

/**
 * Makes mail of a crashed process due again once its lease has expired. The first run after a start, or after
 * the database was unreachable, releases nothing. Running processes renew their leases before the second run.
 */
export function releaseExpiredLeases(deps: {
  maintenance: Maintenance;
  /** Matches the leases of this process. */
  ours: RegExp;
  clock: Clock;
  log: Logger;
}): () => Promise<void> {
  const { maintenance, ours, clock, log } = deps;
  let answered = false;
  return async () => {
    const couldRenew = answered;
    answered = false;
    if (couldRenew) {
      const count = await maintenance.releaseExpired(clock.now(), ours);
      if (count > 0) log.warn('deferred.leases_released', { count });
    } else {
      await maintenance.count('leased');
    }
    answered = true;
  };
}
