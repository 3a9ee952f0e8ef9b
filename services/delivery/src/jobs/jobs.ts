import { hour, minute } from '@mysmtp/contracts';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Maintenance } from '../deferred/maintenance.ts';
import { reviewDkimKeys, type DkimMaintenanceDeps } from './dkim-keys.ts';
import { releaseExpiredLeases } from './expired-leases.ts';
import { measureDeferred } from './measure-deferred.ts';

/** All periodic work. */
export function startJobs(
  deps: DkimMaintenanceDeps & {
    maintenance: Maintenance;
    ours: RegExp;
    clock: Clock;
    log: Logger;
    metrics: Registry;
    expiry: number;
    lease: number;
  },
): Job[] {
  const { maintenance, clock, log } = deps;

  /** Held mail does not wait for ever: it expires with a DSN like other mail. */
  async function expireHeld(): Promise<void> {
    const count = await maintenance.expireHeld(clock.now());
    if (count > 0) log.info('deferred.held_expired', { count });
  }

  /** Removes the ids of finished messages once the broker cannot redeliver these messages any more. */
  async function sweepTombstones(): Promise<void> {
    await maintenance.sweepTombstones(clock.now());
  }

  return [
    startJob('release-expired-leases', deps.lease / 3, releaseExpiredLeases(deps), deps),
    startJob('expire-held', minute, expireHeld, deps),
    startJob('measure-deferred', minute, measureDeferred(deps), deps),
    startJob('review-dkim-keys', minute, () => reviewDkimKeys(deps), deps),
    startJob('sweep-tombstones', hour, sweepTombstones, deps),
  ];
}
