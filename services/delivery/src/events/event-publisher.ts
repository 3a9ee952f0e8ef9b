import { PublishError, type Publisher } from '@mysmtp/broker';
import {
  contentOf,
  isUnavailable,
  MessageEvents,
  routingKeys,
  SpoolReleased,
  type MessageEvent,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { createBatcher, type Batcher } from './batcher.ts';

/**
 * Publishes delivery's events. Every promise resolves once the broker has confirmed, or if the tenant is
 * fenced: nothing is published for a fenced tenant.
 */
export interface EventPublisher {
  /** The final state of a recipient: confirmed before the message is acknowledged or deleted. */
  finished(event: MessageEvent): Promise<void>;
  /** An intermediate state. Lost only if this process crashes; a later event replaces it. Never rejects. */
  changed(event: MessageEvent): Promise<void>;
  /** This spooled content is not needed any more. */
  released(tenant: string, spoolId: string): Promise<void>;
  /** Sends the gathered events and waits for the confirms. Later events are rejected. */
  close(): Promise<void>;
}

const mostEvents = 200;

export function createEventPublisher(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>,
  log: Logger,
): EventPublisher {
  const gathering = <Item extends { readonly tenant: string }>(
    key: string,
    contentOfAll: (items: Item[]) => Buffer,
  ): Batcher<Item> =>
    createBatcher({
      most: mostEvents,
      async send(batch) {
        // At each try, because a fence may have been applied meanwhile.
        const items = batch.filter(({ tenant }) => tenants.fencedBy(tenant) === undefined);
        if (items.length === 0) return;
        const content = contentOfAll(items);
        const concerned = items.map(({ tenant }) => tenant);
        await tenants.writeAll(concerned, () =>
          publisher.publish({ key, content, mandatory: true }),
        );
      },
      mayRetry: (error) => error instanceof PublishError || isUnavailable(error, 'stale'),
      onRetry: (error, count) =>
        log.warn('events.publish_failed', { error, count, routingKey: key }),
    });
  const events = (key: string) =>
    gathering<MessageEvent>(key, (batch) => contentOf(MessageEvents, { v: 1, events: batch }));
  const finished = events(routingKeys.messageFinished);
  const changed = events(routingKeys.messageDeferred);
  const released = gathering<{ tenant: string; id: string }>(routingKeys.spoolReleased, (batch) =>
    contentOf(SpoolReleased, { v: 1, ids: batch.map(({ id }) => id) }),
  );

  return {
    finished: (event) => finished.add(event),
    changed: (event) =>
      changed.add(event).catch((error: unknown) => log.warn('events.lost', { error, count: 1 })),
    released: (tenant, id) => released.add({ tenant, id }),
    async close() {
      await Promise.all([finished.close(), changed.close(), released.close()]);
    },
  };
}
