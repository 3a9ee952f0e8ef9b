import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Upkeep } from '../shelf/upkeep.ts';

/** Held mail does not wait for ever: it expires with a report like any other. */
export async function expireHeld(means: {
  upkeep: Upkeep;
  clock: Clock;
  log: Logger;
}): Promise<void> {
  const count = await means.upkeep.expireHeld(means.clock.now());
  if (count > 0) means.log.info('shelf.held_expired', { count });
}
