import type { Publisher } from '@mysmtp/broker';
import { contentOf, MessageEvents, routingKeys, type MessageEvent } from '@mysmtp/contracts';
import type { Tenants } from '@mysmtp/tenancy';
import type { Events } from '../events.ts';

export interface AcceptedEvents {
  add(events: readonly MessageEvent[]): void;
  /** Publishes what is left and waits for it. */
  close(): Promise<void>;
}

const longestWait = 100;
const batchSize = 500;

/**
 * `message.accepted`, many in one broker message. A convenience: `message.finished` says everything
 * again, so nobody waits for these and a lost one is only counted. Those of a tenant that is fenced
 * meanwhile are dropped.
 */
export function createAcceptedEvents(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>,
  events: Events,
): AcceptedEvents {
  let waiting: MessageEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  const underWay = new Set<Promise<void>>();

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const batch = waiting.filter(({ tenant }) => tenants.fencedBy(tenant) === undefined);
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
      .catch((error: unknown) => events.acceptedEventsLost(batch.length, error))
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
