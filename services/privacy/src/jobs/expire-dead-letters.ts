import { hour } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { retentionGauges, type Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import { Gauge, type Registry } from 'prom-client';
import type { DeadLetterDocument } from '../dead-letters/dead-letter.ts';

const store = 'privacy.deadLetters';

/** Deletes dead letters past their retention, and exports the age of the oldest one. */
export function deadLetterExpiry(deps: {
  deadLetters: Model<DeadLetterDocument>;
  retention: number;
  clock: Clock;
  log: Logger;
  metrics: Registry;
}): () => Promise<void> {
  const { deadLetters, retention, clock, log, metrics } = deps;
  const waiting = new Gauge({
    name: 'mysmtp_dead_letters',
    help: 'Dead letters that wait for an operator.',
    registers: [metrics],
  });
  const gauges = retentionGauges({ store, limit: retention + hour, clock, metrics });

  return async () => {
    const now = clock.now();
    const { deletedCount } = await deadLetters.deleteMany({
      receivedAt: { $lte: new Date(now - retention) },
    });
    if (deletedCount > 0) log.warn('dead_letter.expired', { count: deletedCount });
    waiting.set(await deadLetters.countDocuments());
    const oldest = await deadLetters.findOne().sort({ receivedAt: 1 }).lean();
    gauges.update(oldest?.receivedAt.getTime());
  };
}
