import type { Publisher } from '@mysmtp/broker';
import { contentOf, MessageEvents, routingKeys, type MessageEvent } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Telemetry } from '../telemetry.ts';

export interface AcceptedEvents {
  add(events: readonly MessageEvent[]): void;
  /** Publishes the waiting events and waits for the confirms. */
  close(): Promise<void>;
}

const longestWait = 100;
const batchSize = 500;

/**
 * Publishes `message.accepted` events, many in one broker message. Best effort: `message.finished` repeats
 * all details, so these events are not awaited, and lost ones are only counted. Events of a tenant or a person
 * that is fenced meanwhile are dropped.
 */
export function createAcceptedEvents(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy' | 'personFences'>,
  telemetry: Telemetry,
): AcceptedEvents {
  let waiting: MessageEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  const isFenced = ({ tenant, acceptedAt, senderIndex, recipientIndex }: MessageEvent): boolean =>
    tenants.fencedBy(tenant) !== undefined ||
    tenants.personFences(tenant)?.of(acceptedAt, recipientIndex, senderIndex) !== undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting.filter((event) => !isFenced(event));
    waiting = [];
    if (batch.length === 0) return;
    const publication = {
      key: routingKeys.messageAccepted,
      content: contentOf(MessageEvents, { v: 1, events: batch }),
      mandatory: true,
    } as const;
    const concerned = batch.map(({ tenant }) => tenant);
    const publish = tenants
      .writeAll(concerned, () => publisher.publish(publication))
      .catch((error: unknown) => telemetry.acceptedEventsLost(batch.length, error))
      .finally(() => underWay.delete(publish));
    underWay.add(publish);
  }

  return {
    add(added) {
      waiting.push(...added);
      if (waiting.length >= batchSize) flush();
      else timer ??= setTimeout(flush, longestWait);
    },
    async close() {
      flush();
      await Promise.all(underWay);
    },
  };
}
