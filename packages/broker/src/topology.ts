import {
  originalKeyHeader,
  routingKeys,
  type ExchangeName,
  type WorkQueue,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Rejects if one of these exchanges is missing. Services declare none: an administrator declares them before
 * any service starts (`@mysmtp/provision`). Until then the connection is retried.
 */
export async function checkExchanges(
  channel: Channel,
  names: Iterable<ExchangeName>,
  log: Logger,
): Promise<void> {
  for (const name of new Set(names)) {
    try {
      await channel.checkExchange(name);
    } catch (error) {
      log.error('broker.exchange_missing', { reason: name, error });
      throw error;
    }
  }
}

/** Declares a quorum queue with its bindings. Properties that may change later are set by policy instead. */
export async function declareQueue(channel: Channel, queue: WorkQueue, log: Logger): Promise<void> {
  const { name, bindings, singleActive = false } = queue;
  await checkExchanges(
    channel,
    bindings.map(({ exchange }) => exchange),
    log,
  );
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      ...(singleActive && { 'x-single-active-consumer': true }),
    },
  });
  for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
}

/**
 * The routing key of a message. A dead letter that privacy has published again has its key in a header. Only
 * privacy's exchange reaches the queue with this routing key, so no other sender can set the header.
 */
export function routingKeyOf(
  { fields, properties }: Pick<ConsumeMessage, 'fields' | 'properties'>,
  queue: string,
): string {
  const original: unknown = properties.headers?.[originalKeyHeader];
  const isAgain = fields.routingKey === routingKeys.again(queue) && typeof original === 'string';
  return isAgain ? original : fields.routingKey;
}
