import type { Delivery, Outcome } from '@mysmtp/broker';
import { readContent, SecurityEvents } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { ChainWriter } from '../audit/writer.ts';
import type { Detection } from '../detection/detection.ts';

/**
 * Security events → entries of the audit chain, and then detection. A message is acknowledged when all of its
 * events and what they show are durable.
 */
export function securityEvents(deps: {
  readonly chain: ChainWriter;
  readonly detection: Pick<Detection, 'see'>;
  readonly log: Logger;
}): (delivery: Delivery) => Promise<Outcome> {
  const { chain, detection, log } = deps;
  return async ({ content, routingKey }) => {
    const batch = readContent(SecurityEvents, content);
    if (batch === undefined) {
      log.error('audit.events_unreadable', { routingKey });
      return 'dead';
    }
    const [by = ''] = routingKey.split('.');
    const durable = await chain.append(batch.events.map((event) => ({ event, about: { by } })));
    return durable && (await detection.see(batch.events)) ? 'ack' : 'retry';
  };
}
