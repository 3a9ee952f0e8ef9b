import { exchanges, type WorkQueue } from '@mysmtp/contracts';
import type { Channel } from 'amqplib';

/** Declares the exchanges: the same four, with the same arguments, by every service. */
export async function declareExchanges(channel: Channel): Promise<void> {
  for (const exchange of Object.values(exchanges)) {
    await channel.assertExchange(exchange.name, exchange.type, { durable: true });
  }
}

/** Declares a quorum queue with its bindings. Whatever may change later is set by policy instead. */
export async function declareQueue(channel: Channel, queue: WorkQueue): Promise<void> {
  await channel.assertQueue(queue.name, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  for (const binding of queue.bindings) {
    await channel.bindQueue(queue.name, exchanges[binding.exchange].name, binding.key);
  }
}
