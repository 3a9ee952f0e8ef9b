import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Upkeep } from '../shelf/upkeep.ts';

/** Mail of a process that died is due again, as soon as its lease is over. */
export async function releaseLostClaims(means: {
  upkeep: Upkeep;
  clock: Clock;
  log: Logger;
}): Promise<void> {
  const count = await means.upkeep.releaseLost(means.clock.now());
  if (count > 0) means.log.warn('shelf.claims_released', { count });
}
