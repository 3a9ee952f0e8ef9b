import type { Delivery, Outcome } from '@mysmtp/broker';
import { isMessageId, MessageEvent, readContent, reader } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { z } from 'zod';
import type { EventWriterMetrics } from '../messages/event-writer-metrics.ts';
import type { EventWriter } from '../messages/event-writer.ts';

/**
 * `MessageEvents` with unchecked events: an invalid event must not prevent the others from being written.
 */
const Batch = z.object({ v: z.literal(1), events: z.array(z.unknown()).min(1) });

/** The time in the message id locates a row. A row with another kind of id could not be found again. */
const KnownEvent = reader(MessageEvent).refine(({ id }) => isMessageId(id));

/** Far above the size of a batch of events. A document must stay far below MongoDB's 16 MiB. */
const largestContent = 8 * 1024 * 1024;

/**
 * Message events → rows of the usage log. This path opens no sealed value. A message with an invalid
 * event is dead-lettered after its valid events are durable.
 */
export function messageEvents(deps: {
  readonly intake: EventWriter;
  readonly log: Logger;
  readonly metrics: EventWriterMetrics;
}): (delivery: Delivery) => Promise<Outcome> {
  const { intake, log, metrics } = deps;
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
