import { randomUUID } from 'node:crypto';
import { broadcastPrefix, type QueueBinding } from '@mysmtp/contracts';
import type { Broker } from './broker.ts';
import type { Delivery } from './consumer.ts';
import { checkExchanges } from './topology.ts';

export interface BroadcastSettings {
  readonly bindings: readonly QueueBinding[];
  readonly handle: (delivery: Delivery) => void | Promise<void>;
  /**
   * Called after the queue is bound, at start and after every reconnect: whatever was broadcast
   * while the queue was away has to be learned another way (a snapshot), and this is the moment.
   */
  readonly onBound?: () => void;
}

export interface BroadcastListener {
  isUp(): boolean;
  close(): Promise<void>;
}

/**
 * Listens with an exclusive queue of this process: a shared queue would reach one process only.
 * Handlers run in the order of arrival and have no outcome: a broadcast is never handed out again.
 */
export function openBroadcastListener(
  { service, log, consuming }: Broker,
  { bindings, handle, onBound }: BroadcastSettings,
): BroadcastListener {
  let tail = Promise.resolve();
  const kept = consuming.openChannel({
    open: (model) => model.createChannel(),
    async setUp(channel) {
      await checkExchanges(
        channel,
        bindings.map(({ exchange }) => exchange),
        log,
      );
      // A new name each time: the old queue may outlive a broken connection for a moment.
      const name = `${broadcastPrefix(service)}${randomUUID()}`;
      await channel.assertQueue(name, { exclusive: true, autoDelete: true, durable: false });
      for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
      await channel.consume(
        name,
        (message) => {
          if (message === null) {
            // The queue was deleted or its node went away: a new channel declares another one.
            channel
              .close()
              .catch((error: unknown) => log.debug('broker.closed_already', { error }));
            return;
          }
          tail = tail
            .then(() =>
              handle({
                content: message.content,
                headers: message.properties.headers ?? {},
                routingKey: message.fields.routingKey,
                redelivered: message.fields.redelivered,
              }),
            )
            .catch((error: unknown) => log.error('broadcast.failed', { error }));
        },
        { noAck: true },
      );
      onBound?.();
    },
  });
  return { isUp: kept.isUp, close: () => kept.close().then(() => tail) };
}
