import { randomUUID } from 'node:crypto';
import { openBroker, openConsumer, openPublisher, type Publisher } from '@mysmtp/broker';
import { MessageEvents, newMessageId, queues, type MessageEvent } from '@mysmtp/contracts';
import { createGate } from '@mysmtp/erasure';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { eventually, freshBroker } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEvents } from '../src/events.ts';
import { createAcceptedEvents } from '../src/intake/accepted-events.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });

let cleanup: AsyncDisposableStack;
let publisher: Publisher;
/** Tenants of the events that the usage log gets. */
let told: string[];

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  told = [];
  const broker = cleanup.adopt(await freshBroker(), (opened) => opened.close());
  const connections = openBroker({ url: broker.url, service: 'ingress', log });
  cleanup.defer(() => connections.close());
  const consumer = openConsumer(connections, {
    queue: queues.loggingMessages,
    prefetch: 100,
    handle({ content }) {
      const { events } = MessageEvents.parse(JSON.parse(content.toString()));
      told.push(...events.map(({ tenant }) => tenant));
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
  facts: '',
  attempts: [],
});

test('what waits when the fence falls is not sent, and what it waits with is not lost by it', async () => {
  const metrics = new Registry();
  const gate = createGate(() => true);
  const tenants = createTenants(gate, (tenant) => ({ tenant }));
  const accepted = createAcceptedEvents(publisher, tenants, createEvents(log, metrics));
  accepted.add([eventOf('going'), eventOf('staying'), eventOf('going')]);
  await gate.close({
    erasure: randomUUID(),
    subject: { kind: 'tenant', tenant: 'going' },
  });
  accepted.add([eventOf('going'), eventOf('staying')]);
  await accepted.close();
  await eventually(() => expect(told).toEqual(['staying', 'staying']));
  const lost = await metrics.getSingleMetric('mysmtp_accepted_events_lost_total')?.get();
  expect(lost?.values).toMatchObject([{ value: 0 }]);
});
