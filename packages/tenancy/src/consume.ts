import { openConsumer, type Broker, type Consumer, type ConsumerSettings } from '@mysmtp/broker';
import { showQueue, type ServiceContext } from '@mysmtp/service';

/**
 * Consumes a work queue until the service context closes, and exports the number of waiting messages.
 * `close` is for a service that must close more than the consumer.
 */
export function consume(
  context: ServiceContext<unknown>,
  broker: Broker,
  settings: ConsumerSettings,
  close: (consumer: Consumer) => Promise<void> = (consumer) => consumer.close(),
): Consumer {
  const consumer = context.manage(openConsumer(broker, settings), close);
  showQueue(context, settings.queue, consumer);
  return consumer;
}
