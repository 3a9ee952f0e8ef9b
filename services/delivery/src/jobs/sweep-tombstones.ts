import type { Clock } from '@mysmtp/service';
import type { Upkeep } from '../shelf/upkeep.ts';

/** Ids of finished messages are kept past the time in which the broker may hand them out again, no longer. */
export async function sweepTombstones(means: { upkeep: Upkeep; clock: Clock }): Promise<void> {
  await means.upkeep.sweepTombstones(means.clock.now());
}
