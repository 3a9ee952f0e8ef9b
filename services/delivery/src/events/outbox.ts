import { PublishError, type Publisher } from '@mysmtp/broker';
import {
  routingKeys,
  type MessageEvent,
  type MessageEvents,
  type SpoolReleased,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import { createBatcher, type Batcher } from './batcher.ts';

/** What delivery tells the others. Every promise resolves once the broker has confirmed. */
export interface Outbox {
  /** The final state of a recipient: confirmed before the mail is acknowledged or forgotten. */
  finished(event: MessageEvent): Promise<void>;
  /** A state on the way; lost only if this process dies, and made up for by the next. */
  changed(event: MessageEvent): void;
  /** Nobody needs this spooled content any more. */
  released(spoolId: string): Promise<void>;
  /** Sends what is gathered and waits for the confirms; what is asked for later is refused. */
  close(): Promise<void>;
}

const mostEvents = 200;
const longestWait = 50;

export function createOutbox(publisher: Publisher, log: Logger): Outbox {
  const send = async (key: string, body: MessageEvents | SpoolReleased): Promise<void> => {
    const content = Buffer.from(JSON.stringify(body));
    await publisher.publish({ exchange: 'events', key, content, mandatory: true });
  };
  const events = (key: string): Batcher<MessageEvent> =>
    createBatcher({
      most: mostEvents,
      wait: longestWait,
      send: (batch) => send(key, { v: 1, events: batch }),
      mayRetry: (error) => error instanceof PublishError,
      onRetry: (error, count) =>
        log.warn('events.publish_failed', { error, count, routingKey: key }),
    });
  const finished = events(routingKeys.messageFinished);
  const changed = events(routingKeys.messageDeferred);
  const released = createBatcher<string>({
    most: mostEvents,
    wait: longestWait,
    send: (ids) => send(routingKeys.spoolReleased, { v: 1, ids }),
    mayRetry: (error) => error instanceof PublishError,
    onRetry: (error, count) =>
      log.warn('events.publish_failed', { error, count, routingKey: routingKeys.spoolReleased }),
  });

  return {
    finished: (event) => finished.add(event),
    changed(event) {
      changed.add(event).catch((error: unknown) => log.warn('events.lost', { error, count: 1 }));
    },
    released: (id) => released.add(id),
    async close() {
      await Promise.all([finished.close(), changed.close(), released.close()]);
    },
  };
}
