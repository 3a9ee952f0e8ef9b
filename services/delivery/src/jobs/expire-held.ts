import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Maintenance } from '../deferred/maintenance.ts';

/** Held mail does not wait for ever: it expires with a DSN like other mail. */
export async function expireHeld(deps: {
  maintenance: Maintenance;
  clock: Clock;
  log: Logger;
}): Promise<void> {
  const count = await deps.maintenance.expireHeld(deps.clock.now());
  if (count > 0) deps.log.info('deferred.held_expired', { count });
}
