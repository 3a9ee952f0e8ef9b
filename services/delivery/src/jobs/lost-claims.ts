import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Upkeep } from '../shelf/upkeep.ts';

/**
 * Mail of a process that died is due again, as soon as its lease is over. After the database was
 * away one turn is left out: those that live renew their claims first.
 */
export function lostClaims(means: {
  upkeep: Upkeep;
  clock: Clock;
  log: Logger;
}): () => Promise<void> {
  let wasAway = false;
  return async () => {
    if (wasAway) {
      wasAway = false;
      return;
    }
    try {
      const count = await means.upkeep.releaseLost(means.clock.now());
      if (count > 0) means.log.warn('shelf.claims_released', { count });
    } catch (error) {
      wasAway = true;
      throw error;
    }
  };
}
