import type { Publisher } from '@mysmtp/broker';
import {
  contentOf,
  MessageEvents,
  routingKeys,
  rowIdOf,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Telemetry } from '../telemetry.ts';

export interface AcceptedEvents {
  add(events: readonly MessageEvent[]): void;
  /** Delivery has published a newer state of these rows. */
  replaced(rows: readonly string[]): void;
  /** Publishes the waiting events and waits for the confirms. */
  close(): Promise<void>;
}

/** An event waits for one to two periods. Milliseconds. */
const period = 1_000;
const batchSize = 500;
/** How many events may be gathered in a period. With more of them it ends earlier. */
const mostGathered = 20_000;

/**
 * Publishes `message.accepted` events, many in one broker message, of mail for which delivery has published
 * nothing yet. The events of all other mail are not needed: those of delivery repeat all details. That saves the
 * broker and logging a second event of most messages.
 *
 * Best effort: these events are not awaited, and lost ones are only counted. Events of a tenant or a person that is
 * fenced meanwhile are dropped.
 */
export function createAcceptedEvents(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'personFences'>,
  telemetry: Telemetry,
): AcceptedEvents {
  /** By row: the events of this period, and those of the period before that are still needed. */
  let gathered = new Map<string, MessageEvent>();
  let due = new Map<string, MessageEvent>();
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  const isFenced = ({ tenant, acceptedAt, senderIndex, recipientIndex }: MessageEvent): boolean =>
    tenants.fencedBy(tenant) !== undefined ||
    tenants.personFences(tenant)?.of(acceptedAt, recipientIndex, senderIndex) !== undefined;

  function endPeriod(): void {
    clearTimeout(timer);
    timer = undefined;
    const needed = [...due.values()].filter((event) => !isFenced(event));
    due = gathered;
    gathered = new Map();
    for (let at = 0; at < needed.length; at += batchSize) {
      publish(needed.slice(at, at + batchSize));
    }
    if (due.size > 0) timer = setTimeout(endPeriod, period);
  }

  function publish(batch: MessageEvent[]): void {
    const publication = {
      key: routingKeys.messageAccepted,
      content: contentOf(MessageEvents, { v: 1, events: batch }),
      mandatory: true,
    } as const;
    const concerned = batch.map(({ tenant }) => tenant);
    const sent = tenants
      .writeAll(concerned, () => publisher.publish(publication))
      .catch((error: unknown) => telemetry.acceptedEventsLost(batch.length, error))
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
  }

  return {
    add(added) {
      for (const event of added) gathered.set(rowIdOf(event.id, event.n), event);
      if (gathered.size >= mostGathered) endPeriod();
      else timer ??= setTimeout(endPeriod, period);
    },
    replaced(rows) {
      for (const row of rows) if (!due.delete(row)) gathered.delete(row);
    },
    async close() {
      // Twice: also those of the period that has just begun.
      endPeriod();
      endPeriod();
      await Promise.all(underWay);
    },
  };
}
