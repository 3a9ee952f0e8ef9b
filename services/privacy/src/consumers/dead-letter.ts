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
import { personsIn, tenantsIn, without } from '../dead-letters/contents.ts';

/** Pause before a requeue. Without it the broker redelivers in a tight loop while the database is away. */
const afterFailure = createBackoff({ first: 1_000, longest: 1_000 });

/**
 * Queue `privacy.dead` → collection `deadLetters`. In the collection an operator can read dead letters
 * and the retention job can delete them. In a queue both require taking them out. Data of a fenced tenant
 * is dropped.
 */
export function deadLetterHandler(deps: {
  deadLetters: Model<DeadLetterDocument>;
  access: Pick<Tenants, 'writeAll' | 'fencedBy' | 'personFences'>;
  participant: Pick<Participant, 'dropped'>;
  clock: Clock;
  log: Logger;
  metrics: Registry;
  stopping: AbortSignal;
}): (delivery: Delivery) => Promise<Outcome> {
  const { deadLetters, access, participant, clock, log, stopping } = deps;
  const received = new Counter({
    name: 'mysmtp_dead_letters_total',
    help: 'Events, and commands and answers of erasures, that their consumer could not handle.',
    labelNames: ['kind'],
    registers: [deps.metrics],
  });
  // Initialized to 0, because an alert needs an increase from 0.
  for (const kind of ['event', 'erasure']) received.inc({ kind }, 0);

  async function withoutFenced(content: Buffer): Promise<Buffer | undefined> {
    let kept: Buffer | undefined = content;
    for (const tenant of tenantsIn(content)) {
      const erasure = access.fencedBy(tenant);
      if (erasure === undefined || kept === undefined) continue;
      kept = without(kept, { kind: 'tenant', tenant });
      await participant.dropped(erasure, queues.deadLetters, 1);
    }
    return withoutFencedPersons(kept);
  }

  async function withoutFencedPersons(content: Buffer | undefined): Promise<Buffer | undefined> {
    let kept = content;
    for (const tenant of content === undefined ? [] : tenantsIn(content)) {
      const fences = access.personFences(tenant);
      if (fences === undefined) continue;
      for (const person of kept === undefined ? [] : personsIn(kept)) {
        // Not of a fence that is lifted: a letter may have newer events, too. It is kept for some days only.
        const erasure = fences.of(clock.now(), person);
        if (erasure === undefined || kept === undefined) continue;
        kept = without(kept, { kind: 'person', tenant, person });
        await participant.dropped(erasure, queues.deadLetters, 1);
      }
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
      // The tenant may have been fenced just now. If so, the next delivery is kept without its data.
      log.error('dead_letter.not_kept', { routingKey, error });
      await afterFailure.wait(stopping);
      return 'retry';
    }
    // Planted by an erasure; no operator needs to see it.
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
