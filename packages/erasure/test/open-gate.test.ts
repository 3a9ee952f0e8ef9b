import { randomUUID } from 'node:crypto';
import { openConsumer, openPublisher, type BrokerSettings, type Publisher } from '@mysmtp/broker';
import {
  ErasureAnswer,
  queues,
  routingKeys,
  type Fence,
  type ServiceName,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually, freshBroker, proxyTo, type TestBroker } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FencedError, NotCurrentError, openGate, type OpenGate } from '../src/index.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });
/** The shortest that the settings allow. Milliseconds. */
const lease = 2_000;
const fence: Fence = { erasure: randomUUID(), tenant: 't1' };

let broker: TestBroker;
let settings: BrokerSettings;
let answers: ErasureAnswer[];
const toClose: (() => Promise<void>)[] = [];

beforeEach(async () => {
  broker = await freshBroker();
  toClose.push(() => broker.close());
  settings = { url: broker.url, service: 'ingress', log };
  answers = [];
  const consumer = await openConsumer({
    ...settings,
    queue: queues.privacyAnswers,
    prefetch: 10,
    async handle({ content }) {
      answers.push(ErasureAnswer.parse(JSON.parse(content.toString())));
      return 'ack';
    },
  });
  toClose.push(() => consumer.close());
  await eventually(() => expect(consumer.isUp()).toBe(true));
});

afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

async function publisher(at: BrokerSettings): Promise<Publisher> {
  const opened = await openPublisher(at);
  toClose.push(() => opened.close());
  return opened;
}

async function open(
  service: ServiceName,
  fences: () => Promise<readonly Fence[]> = async () => [],
  at: BrokerSettings = settings,
): Promise<OpenGate & { metrics: Registry }> {
  const metrics = new Registry();
  const gate = await openGate({
    broker: { ...at, service },
    publisher: await publisher({ ...at, service }),
    fences,
    lease,
    log,
    metrics,
  });
  toClose.push(() => gate.stop());
  return { ...gate, metrics };
}

const untilCurrent = (...gates: OpenGate[]) =>
  eventually(() => expect(gates.every((gate) => gate.isCurrent())).toBe(true));

function raise({ erasure, tenant }: Fence = fence): Promise<void> {
  return broker.say('privacy', {
    key: routingKeys.fenceRaised,
    content: Buffer.from(JSON.stringify({ v: 1, erasure, tenant })),
  });
}

const acknowledgements = () =>
  answers.flatMap((answer) => (answer.kind === 'fenced' ? answer : []));

/** Something that ends when the test says so. */
function held<T>() {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, end: resolve };
}

test('every process hears a fence, closes its gate and says so, each for itself', async () => {
  const gates = [await open('ingress'), await open('ingress'), await open('delivery')];
  await untilCurrent(...gates);
  await raise();
  await eventually(() => expect(acknowledgements()).toHaveLength(3));
  for (const gate of gates) {
    expect(gate.closedFor('t1')).toBe(fence.erasure);
    await expect(gate.pass('t1', async () => undefined)).rejects.toThrow(FencedError);
    await gate.pass('t2', async () => undefined);
  }
  const told = acknowledgements();
  expect(new Set(told.map(({ process }) => process)).size).toBe(3);
  expect(told.map(({ service }) => service).toSorted()).toEqual(['delivery', 'ingress', 'ingress']);
  for (const { erasure, wire } of told) {
    expect([erasure, wire]).toEqual([fence.erasure, { finished: 0, unknown: 0 }]);
  }
});

test('a fence is acknowledged after the work under way and the hooks, with what was on the wire', async () => {
  const gate = await open('delivery');
  await untilCurrent(gate);
  const work = held<void>();
  const wire = held<{ finished: number; unknown: number }>();
  gate.onFence(() => wire.promise);
  const passed = gate.pass('t1', () => work.promise);
  await raise();
  await eventually(() => expect(gate.closedFor('t1')).toBe(fence.erasure));
  // What comes after has been heard and answered: the first would have been too.
  const second = { erasure: randomUUID(), tenant: 't2' };
  wire.end({ finished: 2, unknown: 1 });
  await raise(second);
  await eventually(() => expect(acknowledgements()).toMatchObject([{ erasure: second.erasure }]));
  work.end();
  await passed;
  await eventually(() =>
    expect(acknowledgements()).toMatchObject([
      {},
      { erasure: fence.erasure, wire: { finished: 2, unknown: 1 } },
    ]),
  );
});

test('a fence that is raised again is acknowledged again', async () => {
  const gate = await open('logging');
  await untilCurrent(gate);
  await raise();
  await raise();
  await eventually(() => expect(acknowledgements()).toHaveLength(2));
});

test('no process acts before it knows the fences that stand', async () => {
  const past = held<readonly Fence[]>();
  let asked = 0;
  const gate = await open('ingress', () => {
    asked += 1;
    // As when privacy is away at first.
    return asked === 1 ? Promise.reject(new Error('away')) : past.promise;
  });
  await eventually(() => expect(asked).toBe(2));
  await expect(gate.pass('t2', async () => undefined)).rejects.toThrow(NotCurrentError);
  expect(await gate.metrics.metrics()).toContain('mysmtp_gate_current 0');
  past.end([fence]);
  await untilCurrent(gate);
  expect(await gate.metrics.metrics()).toContain('mysmtp_gate_current 1');
  await expect(gate.pass('t1', async () => undefined)).rejects.toThrow(FencedError);
  await gate.pass('t2', async () => undefined);
  await eventually(() => expect(acknowledgements()).toMatchObject([{ erasure: fence.erasure }]));
});

test('no process acts before a beat of its own came back', async () => {
  const way = await proxyTo(broker.url);
  toClose.push(() => way.close());
  const mute = await openPublisher({ ...settings, url: way.url });
  toClose.push(() => mute.close());
  way.cut();
  let asked = 0;
  const gate = await openGate({
    broker: settings,
    publisher: mute,
    fences: async () => {
      asked += 1;
      return [];
    },
    lease,
    log,
    metrics: new Registry(),
  });
  toClose.push(() => gate.stop());
  await eventually(() => expect(asked).toBe(1));
  await expect(gate.pass('t1', async () => undefined)).rejects.toThrow(NotCurrentError);
  way.mend();
  await untilCurrent(gate);
});

test('who lost the broker asks again which fences stand, and does nothing before the answer', async () => {
  const later = held<readonly Fence[]>();
  const replies = [Promise.resolve([]), later.promise];
  let asked = 0;
  const gate = await open('identity', () => replies[asked++] ?? Promise.resolve([]));
  await untilCurrent(gate);
  expect(asked).toBe(1);
  await broker.cutConnections();
  await eventually(() => expect(asked).toBe(2));
  expect(gate.isCurrent()).toBe(false);
  await expect(gate.pass('t2', async () => undefined)).rejects.toThrow(NotCurrentError);
  // Raised while nobody listened here: the answer is how it is heard.
  later.end([fence]);
  await untilCurrent(gate);
  expect(gate.closedFor('t1')).toBe(fence.erasure);
  await eventually(() => expect(acknowledgements()).toMatchObject([{ erasure: fence.erasure }]));
});

test('who hears nothing any more stops by its own clock', async () => {
  const way = await proxyTo(broker.url);
  toClose.push(() => way.close());
  const gate = await open('ingress', async () => [], { ...settings, url: way.url });
  await untilCurrent(gate);
  way.deafen();
  const from = performance.now();
  await eventually(() => expect(gate.isCurrent()).toBe(false), { timeout: lease + 1_000 });
  expect(performance.now() - from).toBeGreaterThan(lease / 2);
  await expect(gate.pass('t2', async () => undefined)).rejects.toThrow(NotCurrentError);
  way.cut();
  way.mend();
  await untilCurrent(gate);
});
