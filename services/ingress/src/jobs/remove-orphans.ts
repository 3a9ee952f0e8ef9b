import type { Logger } from '@mysmtp/log';
import type { Spool } from '../spool/spool.ts';

const hour = 3_600_000;

/**
 * Removes spooled messages that nobody will release: those cut off in the middle by a crash, and
 * those whose key has died. One that may be published is never touched before.
 */
export function removeOrphans(options: {
  readonly spool: Spool;
  readonly retention: number;
  /** How long a client may take for a message. */
  readonly dataTimeout: number;
  readonly clock: { now(): number };
  readonly log: Logger;
}): () => Promise<void> {
  const { spool, retention, clock, log } = options;
  // By then no process can still be writing it.
  const abandonedAfter = Math.max(hour, 2 * options.dataTimeout);
  return async () => {
    const now = clock.now();
    const count = await spool.removeOrphans(
      new Date(now - abandonedAfter),
      new Date(now - retention),
    );
    if (count > 0) log.info('spool.orphans_removed', { count });
  };
}
