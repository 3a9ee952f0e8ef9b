import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import { Gauge, type Registry } from 'prom-client';
import type { DeadLetterDocument } from '../dead-letters/dead-letter.ts';

/** Deletes dead letters past their retention, and shows how old the oldest one is. */
export function deadLetterExpiry(options: {
  deadLetters: Model<DeadLetterDocument>;
  retention: number;
  clock: Clock;
  log: Logger;
  metrics: Registry;
}): () => Promise<void> {
  const { deadLetters, retention, clock, log } = options;
  const registers = [options.metrics];
  const store = 'privacy.deadLetters';
  const waiting = new Gauge({
    name: 'mysmtp_dead_letters',
    help: 'Dead letters that wait for an operator.',
    registers,
  });
  const age = new Gauge({
    name: 'mysmtp_oldest_personal_record_age_seconds',
    help: 'Age of the oldest personal record of a store.',
    labelNames: ['store'],
    registers,
  });
  const limit = new Gauge({
    name: 'mysmtp_retention_limit_seconds',
    help: 'How old a personal record of a store may become.',
    labelNames: ['store'],
    registers,
  });
  limit.set({ store }, retention / 1_000);

  return async () => {
    const now = clock.now();
    const { deletedCount } = await deadLetters.deleteMany({
      receivedAt: { $lte: new Date(now - retention) },
    });
    if (deletedCount > 0) log.warn('dead_letter.expired', { count: deletedCount });
    waiting.set(await deadLetters.countDocuments());
    const oldest = await deadLetters.findOne().sort({ receivedAt: 1 }).lean();
    age.set({ store }, oldest === null ? 0 : (now - oldest.receivedAt.getTime()) / 1_000);
  };
}
