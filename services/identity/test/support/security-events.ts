import { openBroker, openConsumer } from '@mysmtp/broker';
import { queues, readContent, SecurityEvents, type SecurityEvent } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import type { World } from './world.ts';

/** What identity reports to the audit chain. Without a consumer it can report nothing. */
export interface ReportedEvents extends AsyncDisposable {
  readonly events: readonly SecurityEvent[];
}

/** Receives security events in the place of logging. */
export async function receiveSecurityEvents(world: World): Promise<ReportedEvents> {
  await using opened = new AsyncDisposableStack();
  const events: SecurityEvent[] = [];
  const log = createLogger('logging', 'error', { write: () => undefined });
  const broker = openBroker({ url: world.broker.url, service: 'logging', log });
  opened.defer(broker.close);
  const consumer = openConsumer(broker, {
    queue: queues.loggingSecurity,
    prefetch: 10,
    async handle({ content }) {
      events.push(...(readContent(SecurityEvents, content)?.events ?? []));
      return 'ack';
    },
  });
  opened.defer(consumer.close);
  await world.broker.untilConsumed(queues.loggingSecurity.name);
  const resources = opened.move();
  return { events, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
