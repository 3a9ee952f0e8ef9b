import { openLink, type BrokerSettings, type Link } from './link.ts';

/**
 * RabbitMQ for one process: two connections, whatever the number of publishers, consumers and queues. A
 * resource alarm blocks a connection that publishes, acks included, but mail that has been delivered must
 * still be acked.
 */
export interface Broker extends Pick<BrokerSettings, 'service' | 'log'> {
  readonly publishing: Link;
  readonly consuming: Link;
  /** Close all its users first. */
  close(): Promise<void>;
}

export function openBroker(settings: BrokerSettings): Broker {
  const { service, log } = settings;
  const publishing = openLink(settings, 'publish');
  const consuming = openLink(settings, 'consume');
  return {
    service,
    log,
    publishing,
    consuming,
    async close() {
      await Promise.all([publishing.close(), consuming.close()]);
    },
  };
}
