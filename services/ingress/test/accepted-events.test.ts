import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBroker, openConsumer, openPublisher, type Publisher } from '@mysmtp/broker';
import { MessageEvents, newMessageId, queues, rowIdOf, type MessageEvent } from '@mysmtp/contracts';
import { createTenantGuard } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, freshBroker } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTelemetry } from '../src/telemetry.ts';
import { createAcceptedEvents } from '../src/intake/accepted-events.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let publisher: Publisher;
/** Tenants of the events that the usage log gets. */
let published: string[];

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  published = [];
  const broker = cleanup.adopt(await freshBroker(), (opened) => opened.close());
  const connections = openBroker({ url: broker.url, service: 'ingress', log });
  cleanup.defer(() => connections.close());
  const consumer = openConsumer(connections, {
    queue: queues.loggingMessages,
    prefetch: 100,
    handle({ content }) {
      const { events } = MessageEvents.parse(JSON.parse(content.toString()));
      published.push(...events.map(({ tenant }) => tenant));
      return Promise.resolve('ack');
    },
  });
  cleanup.defer(() => consumer.close());
  publisher = cleanup.adopt(openPublisher(connections), (opened) => opened.close());
  await eventually(() => expect([consumer.isUp(), publisher.isReady()]).toEqual([true, true]));
});
afterEach(() => cleanup.disposeAsync());

const eventOf = (tenant: string): MessageEvent => ({
  id: newMessageId(Date.now()),
  n: 0,
  tenant,
  rev: 0,
  status: 'accepted',
  acceptedAt: Date.now(),
  nextAttemptAt: null,
  senderIndex: '',
  recipientIndex: '',
  details: '',
  attempts: [],
});

test('an event that waits when the fence is applied is not sent, and other events of its batch are not lost', async () => {
  const metrics = new Registry();
  const guard = createTenantGuard(() => true);
  const tenants = createTenants(guard, (tenant) => ({ tenant }));
  const accepted = createAcceptedEvents(publisher, tenants, createTelemetry(log, metrics));
  accepted.add([eventOf('going'), eventOf('staying'), eventOf('going')]);
  await guard.apply({
    erasure: randomUUID(),
    subject: { kind: 'tenant', tenant: 'going' },
  });
  accepted.add([eventOf('going'), eventOf('staying')]);
  await accepted.close();
  await eventually(() => expect(published).toEqual(['staying', 'staying']));
  const lost = await metrics.getSingleMetric('mysmtp_accepted_events_lost_total')?.get();
  expect(lost?.values).toMatchObject([{ value: 0 }]);
});

test('an event whose row has a newer state is not sent, and the others are after one to two seconds', async () => {
  const tenants = createTenants(
    createTenantGuard(() => true),
    (tenant) => ({ tenant }),
  );
  const accepted = createAcceptedEvents(publisher, tenants, createTelemetry(log, new Registry()));
  const [delivered, waits, later] = ['delivered', 'waits', 'later'].map(eventOf) as [
    MessageEvent,
    MessageEvent,
    MessageEvent,
  ];
  const bothOf = { ...delivered, n: 1, tenant: 'second recipient' };
  const began = performance.now();
  accepted.add([delivered, bothOf, waits]);
  accepted.replaced([rowIdOf(delivered.id, 0), 'of another process:0']);
  await eventually(() => expect(published).toEqual(['second recipient', 'waits']));
  expect(performance.now() - began).toBeGreaterThanOrEqual(1_000);
  // In the second of its periods.
  accepted.add([later]);
  await sleep(1_200);
  accepted.replaced([rowIdOf(later.id, 0)]);
  await accepted.close();
  expect(published).toEqual(['second recipient', 'waits']);
});
