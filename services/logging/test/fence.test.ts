import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fence } from '@mysmtp/contracts';
import { eventually, proxyTo, type Proxy } from '@mysmtp/test-kit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { event, later } from './events.ts';
import { openStore, type Store } from './store.ts';

// Events in flight in one process when a tenant is fenced.

let proxy: Proxy;
let store: Store;
const fence: Fence = {
  erasure: randomUUID(),
  subject: { kind: 'tenant', tenant: 'going' },
};

beforeEach(async () => {
  store = await openStore(async (url) => {
    proxy = await proxyTo(url);
    return proxy.url;
  });
});
afterEach(async () => {
  await store.close();
  await proxy.close();
});

const tenants = async () => (await store.rows()).map(({ tenant }) => tenant).sort();

test('rows that wait for their write are dropped and counted, those of other tenants are written', async () => {
  const intake = store.intake();
  const adding = intake.add([
    event({ tenant: 'going' }),
    event({ tenant: 'staying' }),
    event({ tenant: 'going' }),
  ]);
  await store.guard.apply(fence);
  store.clock.time += 2_000;
  expect(await adding).toBe(true);
  expect(await tenants()).toEqual(['staying']);
  expect(store.dropped.get(fence.erasure)).toBe(2);
  expect(await store.count('fenced')).toBe(2);
});

test('a fence is not acknowledged before all waiting rows are counted and settled, even recent ones', async () => {
  const intake = store.intake(200);
  const settled: boolean[] = [];
  const given = Array.from({ length: 30 }, () =>
    intake
      .add([event({ tenant: 'going' }), event({ tenant: 'going' })])
      .then((durable) => settled.push(durable)),
  );
  const mixed = intake.add([event({ tenant: 'going' }), event({ tenant: 'staying' })]);
  // The clock of the event writer does not advance, so no row becomes due.
  await store.guard.apply(fence);
  expect(store.dropped.get(fence.erasure)).toBe(61);
  expect(await store.count('fenced')).toBe(61);
  await Promise.all(given);
  expect(settled).toEqual(Array.from({ length: 30 }, () => true));
  store.clock.time += 10_000;
  expect(await mixed).toBe(true);
  expect(await tenants()).toEqual(['staying']);
});

test('if counting fails, it is repeated later, and the fence is not acknowledged meanwhile', async () => {
  const intake = store.intake();
  const adding = intake.add([event({ tenant: 'going' })]);
  store.countsFail = true;
  let acknowledged = false;
  const closing = store.guard.apply(fence).then(() => (acknowledged = true));
  await sleep(500);
  expect(acknowledged).toBe(false);
  store.countsFail = false;
  await closing;
  expect(await adding).toBe(true);
  expect(store.dropped.get(fence.erasure)).toBe(1);
});

test('events after the fence are dropped and counted, whatever is known about their row', async () => {
  const intake = store.intake();
  const before = later(event({ tenant: 'going' }), 'deferred', 1);
  await intake.add([before]);
  await store.guard.apply(fence);
  const mixed = [later(before, 'delivered'), later(event({ tenant: 'staying' }), 'delivered')];
  expect(await Promise.all([intake.add(mixed), intake.add([before])])).toEqual([true, true]);
  expect((await store.rows()).map(({ tenant, status }) => `${tenant} ${status}`).sort()).toEqual([
    'going deferred',
    'staying delivered',
  ]);
  expect(store.dropped.get(fence.erasure)).toBe(2);
});

test('a fence is not acknowledged before a write under way has ended', async () => {
  const intake = store.intake();
  await intake.add([later(event({ tenant: 'staying' }), 'delivered')]);
  // The write succeeds, but its answer is lost.
  proxy.deafen();
  const adding = intake.add([later(event({ tenant: 'going' }), 'delivered')]);
  await sleep(500);
  let acknowledged = false;
  const closing = store.guard.apply(fence).then(() => (acknowledged = true));
  await sleep(500);
  expect(acknowledged).toBe(false);
  proxy.cut();
  await closing;
  // The database is down for the rows of all other tenants too.
  expect(await adding).toBe(true);
  expect(store.dropped.get(fence.erasure)).toBe(1);
  proxy.mend();
});

test('events after the fence are counted at once, even if other rows wait for their write', async () => {
  const intake = store.intake();
  await store.guard.apply(fence);
  store.lease.isCurrent = false;
  const other = intake.add([later(event({ tenant: 'staying' }), 'delivered')]);
  expect(await intake.add([event({ tenant: 'going' })])).toBe(true);
  expect(store.dropped.get(fence.erasure)).toBe(1);
  store.lease.isCurrent = true;
  expect(await other).toBe(true);
});

test('events that cannot be counted before the process stops are requeued', async () => {
  const intake = store.intake();
  const waiting = intake.add([event({ tenant: 'going' })]);
  store.countsFail = true;
  const closing = store.guard.apply(fence);
  const late = intake.add([event({ tenant: 'going' })]);
  intake.finish();
  expect(await Promise.all([waiting, late])).toEqual([false, false]);
  await closing;
  expect(store.dropped.size).toBe(0);
});

test('a process that may have missed a fence writes nothing and settles nothing', async () => {
  const intake = store.intake();
  store.lease.isCurrent = false;
  let settled = false;
  const adding = intake
    .add([later(event({ tenant: 'going' }), 'delivered'), later(event(), 'delivered')])
    .finally(() => (settled = true));
  await eventually(async () => {
    const failures = store.metrics.getSingleMetricAsString('mysmtp_usage_log_write_failures_total');
    expect(await failures).toMatch(/ [1-9]/);
  });
  expect(settled).toBe(false);
  expect(await store.rows()).toEqual([]);
  await store.guard.apply(fence);
  store.lease.isCurrent = true;
  expect(await adding).toBe(true);
  expect(await tenants()).toEqual(['tenant-1']);
  expect(store.dropped.get(fence.erasure)).toBe(1);
});

test('only rows of a fenced person are dropped and counted, as sender or as recipient', async () => {
  const intake = store.intake();
  const of = { tenant: 'staying' } as const;
  const adding = intake.add([
    event({ ...of, recipientIndex: 'person' }),
    event({ ...of, senderIndex: 'person' }),
    event({ ...of, recipientIndex: 'another' }),
    // The index of another tenant is made under another key; it is equal only here.
    event({ tenant: 'other', recipientIndex: 'person' }),
  ]);
  const subject = { kind: 'person', ...of, person: 'person' } as const;
  await store.guard.apply({ erasure: fence.erasure, subject });
  expect(store.dropped.get(fence.erasure)).toBe(2);
  expect(await intake.add([later(event({ ...of, recipientIndex: 'person' }), 'delivered')])).toBe(
    true,
  );
  expect(store.dropped.get(fence.erasure)).toBe(3);
  store.clock.time += 10_000;
  expect(await adding).toBe(true);
  expect(
    (await store.rows()).map(({ tenant, recipientIndex }) => [tenant, recipientIndex]),
  ).toEqual(
    expect.arrayContaining([
      ['staying', 'another'],
      ['other', 'person'],
    ]),
  );
  expect(await store.rows()).toHaveLength(2);

  // Lifted: what was accepted later is written, what was accepted before is still dropped.
  const before = store.clock.time;
  await store.guard.apply({ erasure: fence.erasure, subject, before });
  const mixed = [-1, 1].map((after) =>
    later(event({ ...of, recipientIndex: 'person', at: before + after }), 'delivered'),
  );
  expect(await intake.add(mixed)).toBe(true);
  expect(store.dropped.get(fence.erasure)).toBe(4);
  expect(
    (await store.rows()).filter(({ recipientIndex }) => recipientIndex === 'person'),
  ).toHaveLength(2);
});
