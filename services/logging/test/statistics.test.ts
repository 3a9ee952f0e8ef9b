import { randomUUID } from 'node:crypto';
import { hour } from '@mysmtp/contracts';
import { createTenants } from '@mysmtp/tenancy';
import mongoose from 'mongoose';
import { freshDatabase } from '@mysmtp/test-kit';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createHourCounter } from '../src/statistics/count-hours.ts';
import { openStatistics, type StatisticsStore } from '../src/statistics/store.ts';
import { event, later } from './events.ts';
import { openStore, week, type Store } from './store.ts';

let store: Store;
let statistics: StatisticsStore;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  store = await openStore();
  opened.defer(() => store.close());
  const database = opened.adopt(await freshDatabase(), (one) => one.close());
  const connection = await mongoose.createConnection(database.url).asPromise();
  opened.defer(() => connection.close());
  statistics = await openStatistics(connection);
});
afterAll(() => opened.disposeAsync());

/** As in one process of the service. */
const counter = () =>
  createHourCounter({
    days: store.days,
    store: statistics,
    tenants: createTenants(store.guard, (tenant) => ({ tenant })),
    retentions: store.retentions,
    longest: week,
    clock: store.clock,
    metrics: new Registry(),
  });

const countsOf = async (tenant: string) => {
  const now = store.clock.now();
  const hours = await statistics.find(tenant, now - 30 * 24 * hour, now + 30 * 24 * hour);
  return hours.flatMap(({ counts }) => counts);
};

test('each recipient counts once, in its newest state, in spite of redeliveries and of a crash', async () => {
  const at = store.clock.now() - 3 * hour;
  const events = Array.from({ length: 30 }, (_, n) =>
    event({ at, n, tenant: 'counted', credential: n < 20 ? 'web' : 'printer' }),
  );
  const deferred = events.map((one) => ({
    ...later(one, 'deferred', 1),
    lastReply: '4xx' as const,
  }));
  const final = events.map((one, n) => ({
    ...later(one, n % 10 === 0 ? 'bounced' : 'delivered'),
    lastReply: n % 10 === 0 ? ('5xx' as const) : ('2xx' as const),
  }));
  await store.intake().add(deferred);
  await counter().run();
  expect(await countsOf('counted')).toEqual(
    expect.arrayContaining([
      { credential: 'web', status: 'deferred', lastReply: '4xx', recipients: 20 },
    ]),
  );
  for (const states of [final, deferred, final]) await store.intake().add(states);
  // The process that wrote them has crashed. Two others start and count.
  await Promise.all([counter().run(), counter().run()]);
  const counted = await countsOf('counted');
  expect(
    counted.toSorted(
      (a, b) => b.recipients - a.recipients || (a.credential! < b.credential! ? 1 : -1),
    ),
  ).toEqual([
    { credential: 'web', status: 'delivered', lastReply: '2xx', recipients: 18 },
    { credential: 'printer', status: 'delivered', lastReply: '2xx', recipients: 9 },
    { credential: 'web', status: 'bounced', lastReply: '5xx', recipients: 2 },
    { credential: 'printer', status: 'bounced', lastReply: '5xx', recipients: 1 },
  ]);
});

test('an older count does not replace a newer one', async () => {
  const start = store.clock.now() - (store.clock.now() % hour);
  const one = { credential: null, status: 'delivered', lastReply: '2xx' } as const;
  const first = await statistics.put(
    start,
    2_000,
    new Map([['raced', [{ ...one, recipients: 2 }]]]),
  );
  const second = await statistics.put(
    start,
    1_000,
    new Map([['raced', [{ ...one, recipients: 1 }]]]),
  );
  expect([first, second]).toEqual([true, false]);
  expect(await countsOf('raced')).toEqual([{ ...one, recipients: 2 }]);
});

test('the metric shows for how long a change of a row is not counted', async () => {
  const metrics = new Registry();
  const one = createHourCounter({
    days: store.days,
    store: statistics,
    tenants: createTenants(store.guard, (tenant) => ({ tenant })),
    retentions: store.retentions,
    longest: week,
    clock: store.clock,
    metrics,
  });
  const lag = async () => {
    const gauge = await metrics.getSingleMetric('mysmtp_usage_log_statistics_lag_seconds')?.get();
    return gauge?.values[0]?.value;
  };
  expect(await lag()).toBe(0);
  one.changed([store.clock.time]);
  store.clock.time += 10_000;
  one.changed([store.clock.time]);
  expect(await lag()).toBe(10);
  await one.run();
  expect(await lag()).toBe(0);
});

test('statistics outlive the rows, and are removed with their tenant', async () => {
  const row = {
    ...later(event({ at: store.clock.now() - hour, tenant: 'outlived' }), 'delivered'),
  };
  await store.intake().add([row]);
  await counter().run();
  const counted = await countsOf('outlived');
  expect(counted).toHaveLength(1);
  for (const day of await store.days.days()) await store.days.drop(day);
  store.clock.time += 8 * 24 * hour;
  await counter().run();
  expect(await countsOf('outlived')).toEqual(counted);
  expect(await statistics.removeOf('outlived')).toBe(1);
  expect(await countsOf('outlived')).toEqual([]);
});

test('nothing is counted for a tenant under erasure', async () => {
  const row = later(event({ at: store.clock.now() - hour, tenant: 'fenced' }), 'delivered');
  await store.intake().add([row]);
  await store.guard.apply({
    erasure: randomUUID(),
    subject: { kind: 'tenant', tenant: 'fenced' },
  });
  await counter().run();
  expect(await countsOf('fenced')).toEqual([]);
});

test('an hour with many rows is counted less often', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const at = store.clock.now() - hour;
  const hours = counter();
  const write = async (count: number) => {
    const events = Array.from({ length: count }, (_, n) => event({ at, n, tenant: 'busy' }));
    await store.intake().add(events.map((one) => later(one, 'delivered')));
    hours.changed([at]);
    await hours.run();
    return (await countsOf('busy')).map(({ recipients }) => recipients);
  };
  await hours.run();
  expect(await write(2_000)).toEqual([2_000]);
  vi.advanceTimersByTime(1_900);
  expect(await write(1)).toEqual([2_000]);
  vi.advanceTimersByTime(200);
  expect(await write(1)).toEqual([2_002]);
});
