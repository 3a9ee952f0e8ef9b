import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { Registry } from 'prom-client';
import { askForDeadKeys } from '../spool/orphans.ts';
import type { Spool } from '../spool/spool.ts';

/**
 * Removes spooled messages that will never be released: those that a crash interrupted, and those past their
 * retention whose key is destroyed. A message that may have been published is not removed while its key
 * exists, whatever its age. In this case the age gauge exceeds its limit.
 */
export function removeOrphans(deps: {
  readonly spool: Spool;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly retention: number;
  /** How long a client may take for a message. */
  readonly dataTimeout: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Registry;
}): () => Promise<void> {
  const { spool, tenants, retention, clock, log, metrics } = deps;
  // After this time no process can still be writing the message.
  const abandonedAfter = Math.max(hour, 2 * deps.dataTimeout);
  // Between two runs a record may become an hour older.
  const limit = retention + hour;
  const files = retentionGauges({ store: 'ingress.spool.files', limit, clock, metrics });
  const chunks = retentionGauges({ store: 'ingress.spool.chunks', limit, clock, metrics });
  return async () => {
    const now = clock.now();
    const count = await spool.removeOrphans({
      abandonedBefore: now - abandonedAfter,
      expiredBefore: now - retention,
      isKeyDead: askForDeadKeys(tenants),
    });
    if (count > 0) log.info('spool.orphans_removed', { count });
    const oldest = await spool.oldest();
    files.update(oldest.file);
    chunks.update(oldest.chunk);
  };
}
