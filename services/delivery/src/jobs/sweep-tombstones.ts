import type { Clock } from '@mysmtp/service';
import type { Maintenance } from '../deferred/maintenance.ts';

/** Removes the ids of finished messages once the broker cannot redeliver these messages any more. */
export async function sweepTombstones(deps: {
  maintenance: Maintenance;
  clock: Clock;
}): Promise<void> {
  await deps.maintenance.sweepTombstones(deps.clock.now());
}
