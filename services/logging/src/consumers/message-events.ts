import type { Delivery, Outcome } from '@mysmtp/broker';
import { isMessageId, MessageEvent, readContent, reader } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { z } from 'zod';
import type { IntakeMetrics } from '../messages/intake-metrics.ts';
import type { Intake } from '../messages/intake.ts';

/** `MessageEvents` before a look at the single ones: a bad one must not take the good ones along. */
const Batch = z.object({ v: z.literal(1), events: z.array(z.unknown()).min(1) });

/** Rows are found by the time in the message id: one that is no such id could never be found again. */
const KnownEvent = reader(MessageEvent).refine(({ id }) => isMessageId(id));

/** Far above what a batch of events has; a document must stay far below MongoDB's 16 MiB. */
const largestContent = 8 * 1024 * 1024;

/**
 * What happened to messages → rows of the usage log. Nothing sealed is opened on this path. A
 * message with an event that is none of ours is dead-lettered after the others in it are durable.
 */
export function messageEvents(means: {
  readonly intake: Intake;
  readonly log: Logger;
  readonly metrics: IntakeMetrics;
}): (delivery: Delivery) => Promise<Outcome> {
  const { intake, log, metrics } = means;
  return async ({ content, routingKey }) => {
    const { events, unreadable } = read(content);
    const durable = await intake.add(events);
    if (!durable) return 'retry';
    if (unreadable === 0) return 'ack';
    metrics.unreadable(unreadable);
    log.error('messages.event_unreadable', { routingKey, count: unreadable });
    return 'dead';
  };
}

function read(content: Buffer): { events: MessageEvent[]; unreadable: number } {
  const batch = content.length > largestContent ? undefined : readContent(Batch, content);
  if (batch === undefined) return { events: [], unreadable: 1 };
  const events: MessageEvent[] = [];
  for (const item of batch.events) {
    const event = KnownEvent.safeParse(item);
    if (event.success) events.push(event.data);
  }
  return { events, unreadable: batch.events.length - events.length };
}
