import { randomUUID } from 'node:crypto';
import { broadcastPrefix, type QueueBinding } from '@mysmtp/contracts';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Broker } from './broker.ts';
import type { Delivery } from './consumer.ts';
import { checkExchanges } from './topology.ts';

export interface Subscription {
  /** Binding keys are words, or `*` for any one word. */
  readonly bindings: readonly QueueBinding[];
  readonly handle: (delivery: Delivery) => void | Promise<void>;
  /**
   * Called each time that a new queue has these bindings, and before anything of it is handled: at the
   * start, and after every break. What was broadcast while there was no queue has to be learned another
   * way (a snapshot), and this is the moment.
   */
  readonly onBound?: () => void;
}

/** What this process is told by broadcast, in one order. */
export interface Control {
  /** Returns what ends the subscription; it resolves once no handler of it runs. */
  subscribe(subscription: Subscription): () => Promise<void>;
  isUp(): boolean;
  close(): Promise<void>;
}

/**
 * The control queue of a process, exclusive: a shared queue would reach one process only. All that is
 * broadcast to the process goes through it, so what one speaker says is handled in the order in which
 * it was said, whatever it is about, and a heartbeat that comes back proves that everything before it
 * was handled. Handlers have no outcome: a broadcast is never handed out again.
 */
export function openControl({ service, log, consuming }: Broker): Control {
  const subscriptions = new Set<Subscription>();
  /** Those whose bindings the present queue has. The others are handed nothing: they have to ask first. */
  const bound = new Set<Subscription>();
  let tail = Promise.resolve();
  /** While there is one with the bindings of all subscriptions. */
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
      // A new name each time: the old queue may outlive a broken connection for a moment.
      const name = `${broadcastPrefix(service)}${randomUUID()}`;
      await channel.assertQueue(name, { exclusive: true, autoDelete: true, durable: false });
      await channel.consume(
        name,
        (message) => {
          if (message !== null) {
            tail = tail.then(() => dispatch(message));
            return;
          }
          // The queue was deleted or its node went away: a new channel declares another one.
          const closed = channel.close();
          closed.catch((error: unknown) => log.debug('broker.closed_already', { error }));
        },
        { noAck: true },
      );
      const declared = { channel, name };
      // Those that are added meanwhile are reached as well.
      for (const subscription of subscriptions) await bind(declared, subscription);
      queue = declared;
    },
  });

  return {
    isUp: kept.isUp,
    subscribe(subscription) {
      subscriptions.add(subscription);
      if (queue !== undefined) {
        // If this fails, the channel has ended, and the next one binds all.
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

/** Whether a binding key takes a routing key: word by word, as in a topic exchange (AMQP 0-9-1, 3.1.3.3). */
function takes(binding: string, routingKey: string): boolean {
  const words = routingKey.split('.');
  const wanted = binding.split('.');
  return (
    words.length === wanted.length &&
    wanted.every((word, index) => word === '*' || word === words[index])
  );
}
