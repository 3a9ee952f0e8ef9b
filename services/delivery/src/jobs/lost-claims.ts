import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Upkeep } from '../shelf/upkeep.ts';

/**
 * Mail of a process that died is due again, as soon as its lease is over. Nothing is taken from
 * anybody at the first turn at which the database answers, be it after a start or after the database
 * was away: those that live renew their claims before the second.
 */
export function lostClaims(means: {
  upkeep: Upkeep;
  /** Matches the claims of this process. */
  ours: RegExp;
  clock: Clock;
  log: Logger;
}): () => Promise<void> {
  const { upkeep, ours, clock, log } = means;
  let answered = false;
  return async () => {
    const couldRenew = answered;
    answered = false;
    if (couldRenew) {
      const count = await upkeep.releaseLost(clock.now(), ours);
      if (count > 0) log.warn('shelf.claims_released', { count });
    } else {
      await upkeep.count('claimed');
    }
    answered = true;
  };
}
