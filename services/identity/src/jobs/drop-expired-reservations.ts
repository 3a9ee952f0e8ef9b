import type { Logger } from '@mysmtp/log';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import { dropExpiredReservations } from '../reservations/drop-expired.ts';
import type { AnyEntity } from '../entities/entity.ts';

/** A name or network that a crashed process has reserved must become free again. */
export function dropExpiredReservationsJob(deps: {
  readonly entities: readonly AnyEntity[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): Job {
  const { entities, clock, log } = deps;
  async function run(): Promise<void> {
    const count = await dropExpiredReservations(entities, clock.now());
    if (count > 0) log.warn('reservations.dropped', { count });
  }
  return startJob('drop-expired-reservations', 30_000, run, deps);
}
