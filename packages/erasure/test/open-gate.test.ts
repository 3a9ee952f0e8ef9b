import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  openBroker,
  openConsumer,
  openControl,
  openPublisher,
  type Broker,
  type Control,
  type Publisher,
} from '@mysmtp/broker';
import {
  queues,
  routingKeys,
  type ErasureAnswer,
  type Fence,
  type ServiceName,
  type Standing,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import type { Signed } from '@mysmtp/signed';
import {
  eventually,
  everythingStands,
  freshBroker,
  makeServiceKeys,
  proxyTo,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FencedError, NotCurrentError, openGate, type OpenGate } from '../src/index.ts';

const log = createLogger('ingress', 'error', { write: () => undefined });
/** The shortest that the settings allow. Milliseconds. */
const lease = 2_000;
const fence = {
  erasure: randomUUID(),
  subject: { kind: 'tenant', tenant: 't1' },
} as const satisfies Fence;

let broker: TestBroker;
let answers: ErasureAnswer[];
let keys: ServiceKeys;
let privacy: Signed;
/** What privacy's ledger says of every request. */
let stands: Standing;
const toClose: (() => Promise<void>)[] = [];

beforeEach(async () => {
  broker = await freshBroker();
  toClose.push(() => broker.close());
  answers = [];
  stands = everythingStands;
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-gate-'));
  toClose.push(() => rm(dir, { recursive: true }));
  keys = await makeServiceKeys(dir);
  privacy = await keys.as('privacy', log);
  const consumer = openConsumer(connect('privacy'), {
    queue: queues.privacyAnswers,
    prefetch: 10,
    async handle({ content }) {
      const heard = await privacy.hear('answer', content);
      if ('said' in heard) answers.push(heard.said);
      return 'ack';
    },
  });
  toClose.push(() => consumer.close());
  await eventually(() => expect(consumer.isUp()).toBe(true));
});

afterEach(async () => {
  for (const close of toClose.splice(0).toReversed()) await close();
});

/** The two connections of a process. */
function connect(service: ServiceName, url = broker.url): Broker {
  const opened = openBroker({ url, service, log });
  toClose.push(() => opened.close());
  return opened;
}

function controlOn(connections: Broker): Control {
  const opened = openControl(connections);
  toClose.push(() => opened.close());
  return opened;
}

function publisherOn(connections: Broker): Publisher {
  const opened = openPublisher(connections);
  toClose.push(() => opened.close());
  return opened;
}

async function open(
  service: ServiceName,
  fences: () => Promise<readonly Fence[]> = async () => [],
  url = broker.url,
): Promise<OpenGate & { metrics: Registry }> {
  const metrics = new Registry();
  const connections = connect(service, url);
  const gate = openGate({
    service,
    control: controlOn(connections),
    publisher: publisherOn(connections),
    fences,
    standing: async () => stands,
    signed: await keys.as(service, log, metrics),
    lease,
    log,
    metrics,
  });
  toClose.push(() => gate.stop());
  return { ...gate, metrics };
}

const untilCurrent = (...gates: OpenGate[]) =>
  eventually(() => expect(gates.every((gate) => gate.isCurrent())).toBe(true));

async function raise({ erasure, subject }: Fence = fence): Promise<void> {
  const content = await privacy.sign('fence', { v: 1, erasure, subject });
  return broker.say('privacy', { key: routingKeys.fenceRaised, content });
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
  const second: Fence = { erasure: randomUUID(), subject: { kind: 'tenant', tenant: 't2' } };
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
  const mute = publisherOn(connect('ingress', way.url));
  way.cut();
  let asked = 0;
  const gate = openGate({
    service: 'ingress',
    control: controlOn(connect('ingress')),
    publisher: mute,
    fences: async () => {
      asked += 1;
      return [];
    },
    standing: async () => stands,
    signed: await keys.as('ingress'),
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
  const gate = await open('ingress', async () => [], way.url);
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

test('a fence that privacy has not signed, or that its ledger does not have, closes nothing', async () => {
  const gate = await open('logging');
  await untilCurrent(gate);
  const key = routingKeys.fenceRaised;
  const said = { v: 1 as const, ...fence };
  await broker.say('privacy', { key, content: Buffer.from(JSON.stringify(said)) });
  for (const other of ['ingress', 'delivery', 'logging', 'identity'] as const) {
    const content = await (await keys.as(other)).sign('fence', said);
    await broker.say('privacy', { key, content });
  }
  // Of another kind, in privacy's own name.
  await broker.say('privacy', {
    key,
    content: await privacy.sign('marker', { ...said, commitment: 'c' }),
  });
  const captured = await privacy.sign('fence', said);
  stands = { known: false, may: [] };
  await broker.say('privacy', { key, content: captured });
  await eventually(async () =>
    expect(await gate.metrics.metrics()).toContain('{kind="fence",reason="no_request"} 1'),
  );
  stands = everythingStands;
  // It stands by now, but it has been heard.
  await broker.say('privacy', { key, content: captured });
  await eventually(async () =>
    expect(await gate.metrics.metrics()).toContain('{kind="fence",reason="again"} 1'),
  );
  expect(await gate.metrics.metrics()).toContain('{kind="fence",reason="other_speaker"} 4');
  expect(gate.closedFor(fence.subject.tenant)).toBeUndefined();
  await gate.pass(fence.subject.tenant, async () => undefined);
  await raise();
  await eventually(() => expect(gate.closedFor(fence.subject.tenant)).toBe(fence.erasure));
});

test('a fence for a kind of subject that is not known here closes nothing and is not acknowledged', async () => {
  const gate = await open('logging');
  await untilCurrent(gate);
  const subject = { kind: 'person', tenant: 't1', person: 'blind-index' };
  const said = { v: 1, erasure: randomUUID(), subject };
  const content = await keys.signAny('privacy', 'fence', said);
  await broker.say('privacy', { key: routingKeys.fenceRaised, content });
  await eventually(async () =>
    expect(await gate.metrics.metrics()).toContain('{kind="fence",reason="unreadable"} 1'),
  );
  expect(gate.closedFor('t1')).toBeUndefined();
  expect(acknowledgements()).toEqual([]);
});
