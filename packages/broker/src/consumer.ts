import { CodedError, type WorkQueue } from '@mysmtp/contracts';
import type { Channel, ConsumeMessage } from 'amqplib';
import { createAcks, type Acks } from './acks.ts';
import type { Broker } from './broker.ts';
import { declareQueue, routingKeyOf } from './topology.ts';

/** A message as its handler gets it. */
export interface Delivery {
  readonly content: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly routingKey: string;
  /** True when it was handed out before, to us or to another consumer that did not settle it. */
  readonly redelivered: boolean;
}

/**
 * What becomes of a message. `ack`: its outcome is durable elsewhere. `retry`: back to the queue,
 * because this process is stopping or what it needs is away; never used as a delay. `dead`: it can
 * never be handled; it goes to the dead-letter exchange if the queue's policy names one.
 */
export type Outcome = 'ack' | 'retry' | 'dead';

/**
 * Handles a message. `lost` is aborted when the channel that it came over has ended: then the broker
 * hands it out again, perhaps to another consumer.
 */
export type Handle = (delivery: Delivery, lost: AbortSignal) => Promise<Outcome>;

export interface ConsumerSettings {
  readonly queue: WorkQueue;
  /** How many unsettled messages this process may hold. */
  readonly prefetch: number;
  readonly handle: Handle;
  /** Called when the broker is about to hand out, at the start and after every break. */
  readonly onBegin?: () => void;
}

/** What the broker says of a queue. */
export interface QueueState {
  /** Messages that no consumer holds (RabbitMQ: ready). */
  readonly waiting: number;
  /** Those that still hold messages included, although they take no more. */
  readonly consumers: number;
}

export interface Consumer {
  isUp(): boolean;
  /** Asked over the consumer's own channel; rejects while there is none. */
  queueState(): Promise<QueueState>;
  /** Takes no more from the queue until `resume`; what is held goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Stops intake, waits for the handlers under way, closes. */
  close(): Promise<void>;
}

/** A consumer: one channel, its queue declared with it and again on every new channel. */
export function openConsumer({ log, consuming }: Broker, settings: ConsumerSettings): Consumer {
  const { queue, prefetch } = settings;
  let channel: Channel | undefined;
  let acks: Acks | undefined;
  let lostNow = new AbortController();
  let tag: string | undefined;
  let paused = false;
  let closing = false;
  /** Handlers under way. */
  let running = 0;
  /** Resolves when the last handler has ended, for all who close. */
  let idle: PromiseWithResolvers<void> | undefined;

  const kept = consuming.openChannel({
    open: (model) => model.createChannel(),
    async setUp(opened) {
      const lost = new AbortController();
      opened.once('close', () => lost.abort());
      lostNow = lost;
      await declareQueue(opened, queue, log);
      await opened.prefetch(prefetch);
      channel = opened;
      acks = createAcks((last, allUpTo) => settle(() => opened.ack(tagged(last), allUpTo)));
      tag = undefined;
      if (!paused && !closing) await start(opened, acks, lost.signal);
    },
  });

  /** Where the channel is gone, so is the right to settle: the broker hands the message out again. */
  function settle(say: () => void): void {
    try {
      say();
    } catch {
      log.debug('consumer.settle_too_late', { queue: queue.name });
    }
  }

  async function start(on: Channel, acksOn: Acks, lost: AbortSignal): Promise<void> {
    settings.onBegin?.();
    const reply = await on.consume(queue.name, (message) => {
      if (message === null) {
        // The queue was deleted or its node went away: a new channel declares it again.
        void on.close().catch((error: unknown) => log.debug('broker.closed_already', { error }));
        return;
      }
      void handle(on, acksOn, message, lost);
    });
    tag = reply.consumerTag;
  }

  async function handle(
    on: Channel,
    acksOn: Acks,
    { content, fields, properties }: ConsumeMessage,
    lost: AbortSignal,
  ): Promise<void> {
    // All that is kept of the message while its handler is under way.
    const { deliveryTag, redelivered } = fields;
    running += 1;
    let outcome: Outcome;
    try {
      const headers = properties.headers ?? {};
      const routingKey = routingKeyOf({ fields, properties }, queue.name);
      outcome = await settings.handle({ content, headers, routingKey, redelivered }, lost);
    } catch (error) {
      log.error('consumer.failed', { queue: queue.name, error });
      outcome = 'retry';
    }
    if (outcome === 'ack') acksOn.ack(deliveryTag);
    else {
      acksOn.forget(deliveryTag);
      settle(() => on.nack(tagged(deliveryTag), false, outcome === 'retry'));
    }
    running -= 1;
    if (running === 0) idle?.resolve();
  }

  async function queueState(): Promise<QueueState> {
    if (channel === undefined || !kept.isUp())
      throw new CodedError('broker_away', 'The broker is away');
    const { messageCount, consumerCount } = await channel.checkQueue(queue.name);
    return { waiting: messageCount, consumers: consumerCount };
  }

  async function pause(): Promise<void> {
    paused = true;
    const cancelled = tag;
    tag = undefined;
    if (cancelled !== undefined && kept.isUp()) await channel?.cancel(cancelled);
  }

  async function resume(): Promise<void> {
    paused = false;
    if (tag !== undefined || channel === undefined || acks === undefined) return;
    if (kept.isUp() && !closing) await start(channel, acks, lostNow.signal);
  }

  async function close(): Promise<void> {
    closing = true;
    await pause().catch((error: unknown) => log.debug('consumer.cancel_failed', { error }));
    if (running > 0) await (idle ??= Promise.withResolvers<void>()).promise;
    acks?.flush();
    await kept.close();
  }

  return { isUp: kept.isUp, queueState, pause, resume, close };
}

/** amqplib requires a message although it needs only its tag. */
const tagged = (deliveryTag: number) => ({ fields: { deliveryTag } }) as ConsumeMessage;
