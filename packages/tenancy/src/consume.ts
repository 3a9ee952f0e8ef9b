import { openConsumer, type Broker, type Consumer, type ConsumerSettings } from '@mysmtp/broker';
import { showQueue, type House } from '@mysmtp/service';

/**
 * Consumes a work queue for as long as the house stands, and shows how much waits in it. `close` is for
 * a service that has more to end than the consumer.
 */
export function consume(
  house: House<unknown>,
  broker: Broker,
  settings: ConsumerSettings,
  close: (consumer: Consumer) => Promise<void> = (consumer) => consumer.close(),
): Consumer {
  const consumer = house.own(openConsumer(broker, settings), close);
  showQueue(house, settings.queue, consumer);
  return consumer;
}
