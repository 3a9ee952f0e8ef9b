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
 * What delivery tells the others. Every promise resolves once the broker has confirmed, or where the
 * tenant is fenced: of it nothing is told any more.
 */
export interface Outbox {
  /** The final state of a recipient: confirmed before the mail is acknowledged or forgotten. */
  finished(event: MessageEvent): Promise<void>;
  /** A state on the way; lost only if this process dies, and made up for by the next. Never rejects. */
  changed(event: MessageEvent): Promise<void>;
  /** Nobody needs this spooled content any more. */
  released(tenant: string, spoolId: string): Promise<void>;
  /** Sends what is gathered and waits for the confirms; what is asked for later is refused. */
  close(): Promise<void>;
}

const mostEvents = 200;

export function createOutbox(
  publisher: Publisher,
  tenants: Pick<Tenants, 'writeAll' | 'fencedBy'>,
  log: Logger,
): Outbox {
  const gathering = <Item extends { readonly tenant: string }>(
    key: string,
    contentOfAll: (items: Item[]) => Buffer,
  ): Batcher<Item> =>
    createBatcher({
      most: mostEvents,
      async send(batch) {
        // At each try: a fence may have fallen since they were gathered.
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
