import { randomUUID } from 'node:crypto';
import { broadcastPrefix, type QueueBinding } from '@mysmtp/contracts';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Broker } from './broker.ts';
import type { Delivery } from './consumer.ts';
import { checkExchanges } from './topology.ts';

export interface Subscription {
  /** Binding keys consist of words, or `*` for any one word. */
  readonly bindings: readonly QueueBinding[];
  readonly handle: (delivery: Delivery) => void | Promise<void>;
  /**
   * Called each time that a new queue has these bindings, and before any message of it is handled: at the
   * start, and after every break. Broadcasts that were sent while no queue existed are lost, so fetch a
   * snapshot here.
   */
  readonly onBound?: () => void;
}

/** The broadcasts to this process, in one order. */
export interface Control {
  /** Returns a function that ends the subscription; it resolves once no handler of it runs. */
  subscribe(subscription: Subscription): () => Promise<void>;
  isUp(): boolean;
  close(): Promise<void>;
}

/**
 * The control queue of a process. It is exclusive, because a shared queue would reach one process only. It
 * receives all broadcasts to the process, so the messages of one sender are handled in the order of sending,
 * whatever their type. For this reason a received heartbeat proves that everything before it was handled.
 * Handlers have no outcome, because a broadcast is never redelivered.
 */
export function openControl({ service, log, consuming }: Broker): Control {
  const subscriptions = new Set<Subscription>();
  /** Subscriptions whose bindings the present queue has. The others get no messages until they are bound. */
  const bound = new Set<Subscription>();
  let tail = Promise.resolve();
  /** Set if there is a queue with the bindings of all subscriptions. */
  let queue: { readonly channel: Channel; readonly name: string } | undefined;

  async function bind(
    { channel, name }: NonNullable<typeof queue>,
    subscription: Subscription,
  ): Promise<void> {
    const { bindings, onBound } = subscription;
    await checkExchanges(
      channel,
      bindings.map(({ exchange }) => exchange),
      log,
    );
    for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
    if (!subscriptions.has(subscription)) return;
    bound.add(subscription);
    onBound?.();
  }

  async function dispatch({ content, properties, fields }: ConsumeMessage): Promise<void> {
    const { exchange, routingKey, redelivered } = fields;
    const delivery = { content, headers: properties.headers ?? {}, routingKey, redelivered };
    for (const { bindings, handle } of bound) {
      const isFor = bindings.some((one) => one.exchange === exchange && takes(one.key, routingKey));
      if (!isFor) continue;
      try {
        await handle(delivery);
      } catch (error) {
        log.error('control.failed', { routingKey, error });
      }
    }
  }

  const kept = consuming.openChannel({
    open: (model) => model.createChannel(),
    async setUp(channel) {
      bound.clear();
      channel.once('close', () => {
        if (queue?.channel === channel) queue = undefined;
      });
      // A new name each time, because the old queue may exist for a moment after the connection broke.
      const name = `${broadcastPrefix(service)}${randomUUID()}`;
      await channel.assertQueue(name, { exclusive: true, autoDelete: true, durable: false });
      await channel.consume(
        name,
        (message) => {
          if (message !== null) {
            tail = tail.then(() => dispatch(message));
            return;
          }
          // The queue was deleted or its node failed: a new channel declares another queue.
          const closed = channel.close();
          closed.catch((error: unknown) => log.debug('broker.closed_already', { error }));
        },
        { noAck: true },
      );
      const declared = { channel, name };
      // The loop also reaches subscriptions that are added meanwhile.
      for (const subscription of subscriptions) await bind(declared, subscription);
      queue = declared;
    },
  });

  return {
    isUp: kept.isUp,
    subscribe(subscription) {
      subscriptions.add(subscription);
      if (queue !== undefined) {
        // If this fails, the channel has ended, and the next channel binds all.
        bind(queue, subscription).catch((error: unknown) =>
          log.debug('control.not_bound', { error }),
        );
      }
      return async () => {
        subscriptions.delete(subscription);
        bound.delete(subscription);
        await tail;
      };
    },
    close: () => kept.close().then(() => tail),
  };
}

/**
 * Whether a binding key matches a routing key, word by word, as in a topic exchange (AMQP 0-9-1, 3.1.3.3).
 */
function takes(binding: string, routingKey: string): boolean {
  const words = routingKey.split('.');
  const wanted = binding.split('.');
  return (
    words.length === wanted.length &&
    wanted.every((word, index) => word === '*' || word === words[index])
  );
}
