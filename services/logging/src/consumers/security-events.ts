import type { Delivery, Outcome } from '@mysmtp/broker';
import { readContent, SecurityEvents } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { ChainWriter } from '../audit/writer.ts';

/** Security events → entries of the audit chain. A message is acknowledged when all of its events are durable. */
export function securityEvents(deps: {
  readonly chain: ChainWriter;
  readonly log: Logger;
}): (delivery: Delivery) => Promise<Outcome> {
  const { chain, log } = deps;
  return async ({ content, routingKey }) => {
    const batch = readContent(SecurityEvents, content);
    if (batch === undefined) {
      log.error('audit.events_unreadable', { routingKey });
      return 'dead';
    }
    const [by = ''] = routingKey.split('.');
    const durable = await chain.append(batch.events.map((event) => ({ event, about: { by } })));
    return durable ? 'ack' : 'retry';
  };
}
