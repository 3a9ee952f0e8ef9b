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
import {
  FencedError,
  StaleFencesError,
  startTenantGuard,
  type RunningTenantGuard,
} from '../src/index.ts';

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
/** The answer of privacy's ledger for every request. */
let stands: Standing;
const toClose: (() => Promise<void>)[] = [];

beforeEach(async () => {
  broker = await freshBroker();
  toClose.push(() => broker.close());
  answers = [];
  stands = everythingStands;
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-guard-'));
  toClose.push(() => rm(dir, { recursive: true }));
  keys = await makeServiceKeys(dir);
  privacy = await keys.as('privacy', log);
  const consumer = openConsumer(connect('privacy'), {
    queue: queues.privacyAnswers,
    // One after the other: two verifications at once may end in the other order.
    prefetch: 1,
    async handle({ content }) {
      const verified = await privacy.verify('answer', content);
      if ('payload' in verified) answers.push(verified.payload);
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
): Promise<RunningTenantGuard & { metrics: Registry }> {
  const metrics = new Registry();
  const connections = connect(service, url);
  const guard = startTenantGuard({
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
  toClose.push(() => guard.stop());
  return { ...guard, metrics };
}

const untilCurrent = (...guards: RunningTenantGuard[]) =>
  eventually(() => expect(guards.every((guard) => guard.isCurrent())).toBe(true));

async function raise({ erasure, subject }: Fence = fence): Promise<void> {
  const content = await privacy.sign('fence', { v: 1, erasure, subject });
  return broker.say('privacy', { key: routingKeys.fenceRaised, content });
}

const acknowledgements = () =>
  answers.flatMap((answer) => (answer.kind === 'fenced' ? answer : []));

/** A promise that the test settles. */
function held<T>() {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, end: resolve };
}

test('every process receives a fence, applies it and acknowledges it separately', async () => {
  const guards = [await open('ingress'), await open('ingress'), await open('delivery')];
  await untilCurrent(...guards);
  await raise();
  await eventually(() => expect(acknowledgements()).toHaveLength(3));
  for (const guard of guards) {
    expect(guard.fencedBy('t1')).toBe(fence.erasure);
    await expect(guard.run('t1', async () => undefined)).rejects.toThrow(FencedError);
    await guard.run('t2', async () => undefined);
  }
  const answers = acknowledgements();
  expect(new Set(answers.map(({ process }) => process)).size).toBe(3);
  expect(answers.map(({ service }) => service).toSorted()).toEqual([
    'delivery',
    'ingress',
    'ingress',
  ]);
  for (const { erasure, wire } of answers) {
    expect([erasure, wire]).toEqual([fence.erasure, { finished: 0, unknown: 0 }]);
  }
});

test('a fence is acknowledged after the work under way and the hooks, with the outcome on the wire', async () => {
  const guard = await open('delivery');
  await untilCurrent(guard);
  const work = held<void>();
  const wire = held<{ finished: number; unknown: number }>();
  guard.onFence(() => wire.promise);
  const passed = guard.run('t1', () => work.promise);
  await raise();
  await eventually(() => expect(guard.fencedBy('t1')).toBe(fence.erasure));
  // Later messages have been received and answered, so the first would have been too.
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
  const guard = await open('logging');
  await untilCurrent(guard);
  await raise();
  await raise();
  await eventually(() => expect(acknowledgements()).toHaveLength(2));
});

test('no process acts before it has the current fences', async () => {
  const past = held<readonly Fence[]>();
  let asked = 0;
  const guard = await open('ingress', () => {
    asked += 1;
    // Privacy is away at first.
    return asked === 1 ? Promise.reject(new Error('away')) : past.promise;
  });
  await eventually(() => expect(asked).toBe(2));
  await expect(guard.run('t2', async () => undefined)).rejects.toThrow(StaleFencesError);
  expect(await guard.metrics.metrics()).toContain('mysmtp_tenant_guard_current 0');
  past.end([fence]);
  await untilCurrent(guard);
  expect(await guard.metrics.metrics()).toContain('mysmtp_tenant_guard_current 1');
  await expect(guard.run('t1', async () => undefined)).rejects.toThrow(FencedError);
  await guard.run('t2', async () => undefined);
  await eventually(() => expect(acknowledgements()).toMatchObject([{ erasure: fence.erasure }]));
});

test('no process acts before a heartbeat of its own has come back', async () => {
  const way = await proxyTo(broker.url);
  toClose.push(() => way.close());
  const mute = publisherOn(connect('ingress', way.url));
  way.cut();
  let asked = 0;
  const guard = startTenantGuard({
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
  toClose.push(() => guard.stop());
  await eventually(() => expect(asked).toBe(1));
  await expect(guard.run('t1', async () => undefined)).rejects.toThrow(StaleFencesError);
  way.mend();
  await untilCurrent(guard);
});

test('a process that lost the broker requests the current fences again, and does nothing before the answer', async () => {
  const later = held<readonly Fence[]>();
  const replies = [Promise.resolve([]), later.promise];
  let asked = 0;
  const guard = await open('identity', () => replies[asked++] ?? Promise.resolve([]));
  await untilCurrent(guard);
  expect(asked).toBe(1);
  await broker.cutConnections();
  await eventually(() => expect(asked).toBe(2));
  expect(guard.isCurrent()).toBe(false);
  await expect(guard.run('t2', async () => undefined)).rejects.toThrow(StaleFencesError);
  // Raised while this process was disconnected: only the answer contains it.
  later.end([fence]);
  await untilCurrent(guard);
  expect(guard.fencedBy('t1')).toBe(fence.erasure);
  await eventually(() => expect(acknowledgements()).toMatchObject([{ erasure: fence.erasure }]));
});

test('a process that receives nothing any more stops by its own clock', async () => {
  const way = await proxyTo(broker.url);
  toClose.push(() => way.close());
  const guard = await open('ingress', async () => [], way.url);
  await untilCurrent(guard);
  way.deafen();
  const from = performance.now();
  await eventually(() => expect(guard.isCurrent()).toBe(false), { timeout: lease + 1_000 });
  expect(performance.now() - from).toBeGreaterThan(lease / 2);
  await expect(guard.run('t2', async () => undefined)).rejects.toThrow(StaleFencesError);
  way.cut();
  way.mend();
  await untilCurrent(guard);
});

test('a fence that privacy has not signed, or that is not in its ledger, has no effect', async () => {
  const guard = await open('logging');
  await untilCurrent(guard);
  const key = routingKeys.fenceRaised;
  const payload = { v: 1 as const, ...fence };
  await broker.say('privacy', { key, content: Buffer.from(JSON.stringify(payload)) });
  for (const other of ['ingress', 'delivery', 'logging', 'identity'] as const) {
    const content = await (await keys.as(other)).sign('fence', payload);
    await broker.say('privacy', { key, content });
  }
  // A message of another kind, signed by privacy.
  await broker.say('privacy', {
    key,
    content: await privacy.sign('marker', { ...payload, commitment: 'c' }),
  });
  const captured = await privacy.sign('fence', payload);
  stands = { known: false, may: [] };
  await broker.say('privacy', { key, content: captured });
  await eventually(async () =>
    expect(await guard.metrics.metrics()).toContain('{kind="fence",reason="no_request"} 1'),
  );
  stands = everythingStands;
  // It is in the ledger by now, but it was refused before.
  await broker.say('privacy', { key, content: captured });
  await eventually(async () =>
    expect(await guard.metrics.metrics()).toContain('{kind="fence",reason="again"} 1'),
  );
  expect(await guard.metrics.metrics()).toContain('{kind="fence",reason="other_signer"} 4');
  expect(guard.fencedBy(fence.subject.tenant)).toBeUndefined();
  await guard.run(fence.subject.tenant, async () => undefined);
  await raise();
  await eventually(() => expect(guard.fencedBy(fence.subject.tenant)).toBe(fence.erasure));
});

test('a fence for an unknown kind of subject has no effect and is not acknowledged', async () => {
  const guard = await open('logging');
  await untilCurrent(guard);
  const subject = { kind: 'household', tenant: 't1', household: 'blind-index' };
  const payload = { v: 1, erasure: randomUUID(), subject };
  const content = await keys.signAny('privacy', 'fence', payload);
  await broker.say('privacy', { key: routingKeys.fenceRaised, content });
  await eventually(async () =>
    expect(await guard.metrics.metrics()).toContain('{kind="fence",reason="unreadable"} 1'),
  );
  expect(guard.fencedBy('t1')).toBeUndefined();
  expect(acknowledgements()).toEqual([]);
});
