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
/** How many events may wait. If half of them are of this period, it ends earlier. */
const mostWaiting = 40_000;

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
  /**
   * The events that wait, in a ring. Not in a map, which would keep in memory what it had when it grew
   * (docs/performance.md).
   */
  const waiting = Array.from<MessageEvent | undefined>({ length: mostWaiting });
  /** The numbers of the rows whose events wait. An event has the place of its number in the ring. */
  const numbers = new Map<string, number>();
  /** The first numbers of the period before, of this period, and of the next event. */
  let [due, gathered, next] = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  const isFenced = ({ tenant, acceptedAt, senderIndex, recipientIndex }: MessageEvent): boolean =>
    tenants.fencedBy(tenant) !== undefined ||
    tenants.personFences(tenant)?.of(acceptedAt, recipientIndex, senderIndex) !== undefined;

  /** Takes an event out of the ring; `undefined` if it is not needed any more. */
  function take(number: number): MessageEvent | undefined {
    const event = waiting[number % mostWaiting];
    if (event === undefined) return undefined;
    waiting[number % mostWaiting] = undefined;
    numbers.delete(rowIdOf(event.id, event.n));
    return event;
  }

  function endPeriod(): void {
    clearTimeout(timer);
    timer = undefined;
    const needed: MessageEvent[] = [];
    for (; due < gathered; due += 1) {
      const event = take(due);
      if (event !== undefined && !isFenced(event)) needed.push(event);
    }
    gathered = next;
    for (let at = 0; at < needed.length; at += batchSize) {
      publish(needed.slice(at, at + batchSize));
    }
    if (due < gathered) timer = setTimeout(endPeriod, period);
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
      for (const event of added) {
        if (next - gathered === mostWaiting / 2) endPeriod();
        numbers.set(rowIdOf(event.id, event.n), next);
        waiting[next % mostWaiting] = event;
        next += 1;
      }
      timer ??= setTimeout(endPeriod, period);
    },
    replaced(rows) {
      for (const row of rows) {
        const number = numbers.get(row);
        if (number !== undefined) take(number);
      }
    },
    async close() {
      // Twice: also those of the period that has just begun.
      endPeriod();
      endPeriod();
      await Promise.all(underWay);
    },
  };
}
