import {
  originalKeyHeader,
  routingKeys,
  type ExchangeName,
  type WorkQueue,
} from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Rejects if one of these exchanges is missing. No service declares one: an administrator does, before
 * any service starts (`@mysmtp/provision`), and until then a connection is tried again.
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

/** Declares a quorum queue with its bindings. Whatever may change later is set by policy instead. */
export async function declareQueue(channel: Channel, queue: WorkQueue, log: Logger): Promise<void> {
  const { name, bindings } = queue;
  await checkExchanges(
    channel,
    bindings.map(({ exchange }) => exchange),
    log,
  );
  await channel.assertQueue(name, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  for (const { exchange, key } of bindings) await channel.bindQueue(name, exchange, key);
}

/**
 * The routing key of a message. That of a dead letter which privacy has published again is in a header:
 * this key reaches the queue from privacy's exchange alone, so nobody else can name another one.
 */
export function routingKeyOf(
  { fields, properties }: Pick<ConsumeMessage, 'fields' | 'properties'>,
  queue: string,
): string {
  const original: unknown = properties.headers?.[originalKeyHeader];
  const isAgain = fields.routingKey === routingKeys.again(queue) && typeof original === 'string';
  return isAgain ? original : fields.routingKey;
}
