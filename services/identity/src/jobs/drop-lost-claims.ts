import type { Logger } from '@mysmtp/log';
import { startJob, type Clock, type Job } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import { dropLostClaims } from '../claims/drop-lost.ts';
import type { AnyEntity } from '../entities/entity.ts';

/** A process that died while it claimed a name or a network must not keep it from others. */
export function dropLostClaimsJob(options: {
  readonly entities: readonly AnyEntity[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): Job {
  const { entities, clock, log } = options;
  async function run(): Promise<void> {
    const count = await dropLostClaims(entities, clock.now());
    if (count > 0) log.warn('claims.dropped', { count });
  }
  return startJob('drop-lost-claims', 30_000, run, options);
}
