import { minute } from '@mysmtp/contracts';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Maintenance } from '../deferred/maintenance.ts';
import { reviewDkimKeys, type DkimMaintenanceDeps } from './dkim-keys.ts';
import { expireHeld } from './expire-held.ts';
import { releaseExpiredLeases } from './expired-leases.ts';
import { measureDeferred } from './measure-deferred.ts';
import { sweepTombstones } from './sweep-tombstones.ts';

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
  return [
    startJob('release-expired-leases', deps.lease / 3, releaseExpiredLeases(deps), deps),
    startJob('expire-held', minute, () => expireHeld(deps), deps),
    startJob('measure-deferred', minute, measureDeferred(deps), deps),
    startJob('review-dkim-keys', minute, () => reviewDkimKeys(deps), deps),
    startJob('sweep-tombstones', 60 * minute, () => sweepTombstones(deps), deps),
  ];
}
