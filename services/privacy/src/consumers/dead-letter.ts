import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Outcome } from '@mysmtp/broker';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Model } from 'mongoose';
import { Counter, type Registry } from 'prom-client';
import {
  keepDeadLetter,
  toDeadLetter,
  type DeadLetterDocument,
} from '../dead-letters/dead-letter.ts';

/** So that a database that is away does not make the broker hand the same message out in a circle. */
const pauseAfterFailure = 1_000;

/**
 * Queue `privacy.dead` → collection `deadLetters`: there an operator can look at them, and the
 * retention job can end them; in a queue neither is possible without taking them out.
 */
export function deadLetterHandler(options: {
  deadLetters: Model<DeadLetterDocument>;
  clock: Clock;
  log: Logger;
  metrics: Registry;
}): (delivery: Delivery) => Promise<Outcome> {
  const { deadLetters, clock, log } = options;
  const received = new Counter({
    name: 'mysmtp_dead_letters_total',
    help: 'Events and commands that their consumer could not handle.',
    registers: [options.metrics],
  });
  return async (delivery) => {
    const letter = toDeadLetter(delivery, clock.now());
    const { queue, routingKey, reason } = letter;
    try {
      await keepDeadLetter(deadLetters, letter);
    } catch (error) {
      log.error('dead_letter.not_kept', { queue, routingKey, error });
      await sleep(pauseAfterFailure);
      return 'retry';
    }
    received.inc();
    log.error('dead_letter.received', {
      queue,
      routingKey,
      reason,
      bytes: delivery.content.length,
    });
    return 'ack';
  };
}
