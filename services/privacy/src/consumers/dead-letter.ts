import type { Delivery, Outcome } from '@mysmtp/broker';
import { queues, routingKeys } from '@mysmtp/contracts';
import type { Participant } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import { createBackoff } from '@mysmtp/retry';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { Model } from 'mongoose';
import { Counter, type Registry } from 'prom-client';
import {
  isEvent,
  keepDeadLetter,
  toDeadLetter,
  type DeadLetterDocument,
} from '../dead-letters/dead-letter.ts';
import { tenantsIn, without } from '../dead-letters/contents.ts';

/** So that a database that is away does not make the broker hand the same message out in a circle. */
const afterFailure = createBackoff({ first: 1_000, longest: 1_000 });

/**
 * Queue `privacy.dead` → collection `deadLetters`: there an operator can look at them, and the
 * retention job can end them; in a queue neither is possible without taking them out. What is about a
 * fenced tenant is dropped.
 */
export function deadLetterHandler(options: {
  deadLetters: Model<DeadLetterDocument>;
  access: Pick<Tenants, 'writeAll' | 'fencedBy'>;
  participant: Pick<Participant, 'dropped'>;
  clock: Clock;
  log: Logger;
  metrics: Registry;
  stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { deadLetters, access, participant, clock, log, stopping } = options;
  const received = new Counter({
    name: 'mysmtp_dead_letters_total',
    help: 'Events, and commands and answers of erasures, that their consumer could not handle.',
    labelNames: ['kind'],
    registers: [options.metrics],
  });
  // There from the start: an alert needs a zero to rise from.
  for (const kind of ['event', 'erasure']) received.inc({ kind }, 0);

  async function withoutFenced(content: Buffer): Promise<Buffer | undefined> {
    let kept: Buffer | undefined = content;
    for (const tenant of tenantsIn(content)) {
      const erasure = access.fencedBy(tenant);
      if (erasure === undefined || kept === undefined) continue;
      kept = without(kept, tenant);
      await participant.dropped(erasure, queues.deadLetters, 1);
    }
    return kept;
  }

  return async (delivery) => {
    const { routingKey } = delivery;
    let letter: DeadLetterDocument;
    try {
      const content = await withoutFenced(delivery.content);
      if (content === undefined) return 'ack';
      letter = toDeadLetter({ ...delivery, content }, clock.now());
      await access.writeAll(letter.tenants, () => keepDeadLetter(deadLetters, letter));
    } catch (error) {
      // A fence that has just fallen: without that tenant it is kept the next time.
      log.error('dead_letter.not_kept', { routingKey, error });
      await afterFailure.wait(stopping);
      return 'retry';
    }
    // Planted by an erasure: nothing that anybody has to look at.
    if (routingKey === routingKeys.deadCanary) return 'ack';
    received.inc({ kind: isEvent(letter) ? 'event' : 'erasure' });
    log.error('dead_letter.received', {
      queue: letter.queue,
      routingKey,
      reason: letter.reason,
      bytes: delivery.content.length,
    });
    return 'ack';
  };
}
