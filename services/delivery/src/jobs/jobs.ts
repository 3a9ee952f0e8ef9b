import { minute } from '@mysmtp/contracts';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Logger } from '@mysmtp/log';
import type { Registry } from 'prom-client';
import type { Upkeep } from '../shelf/upkeep.ts';
import { reviewDkimKeys, type DkimUpkeepMeans } from './dkim-keys.ts';
import { expireHeld } from './expire-held.ts';
import { lostClaims } from './lost-claims.ts';
import { shelfMeasure } from './measure-shelf.ts';
import { sweepTombstones } from './sweep-tombstones.ts';

/** All that is done by the clock. */
export function startJobs(
  means: DkimUpkeepMeans & {
    upkeep: Upkeep;
    ours: RegExp;
    clock: Clock;
    log: Logger;
    metrics: Registry;
    expiry: number;
    lease: number;
  },
): Job[] {
  return [
    startJob('release-lost-claims', means.lease / 3, lostClaims(means), means),
    startJob('expire-held', minute, () => expireHeld(means), means),
    startJob('measure-shelf', minute, shelfMeasure(means), means),
    startJob('review-dkim-keys', minute, () => reviewDkimKeys(means), means),
    startJob('sweep-tombstones', 60 * minute, () => sweepTombstones(means), means),
  ];
}
