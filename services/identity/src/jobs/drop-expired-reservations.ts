import type { Logger } from '@mysmtp/log';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { AnyEntity } from '../entities/entity.ts';

/** Far longer than a reservation takes. An older one belongs to a crashed process. */
export const reservationLifetime = 120_000;

/** Removes expired reservations. If its process still confirms one later, the confirmation fails. */
export async function dropExpiredReservations(
  entities: readonly AnyEntity[],
  now: number,
): Promise<number> {
  let dropped = 0;
  for (const entity of entities) {
    const result = await entity.collection.deleteMany({
      version: 0,
      reservedAt: { $lt: now - reservationLifetime },
    });
    dropped += result.deletedCount;
  }
  return dropped;
}

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
