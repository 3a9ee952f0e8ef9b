import { day, hour, type Status } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { createTenants } from '@mysmtp/tenancy';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRetention } from '../src/jobs/retention.ts';
import { findPage } from '../src/messages/find-page.ts';
import type { Row } from '../src/messages/row.ts';
import { createHourCounter } from '../src/statistics/count-hours.ts';
import { openStatistics } from '../src/statistics/store.ts';
import { event, later } from './events.ts';
import { openStore, week, type Store } from './store.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');

let store: Store;
let run: () => Promise<void>;
beforeEach(async () => {
  store = await openStore();
  store.clock.time = noon;
  run = createRetention({ ...store, usual: week, log: createLogger('logging', 'error') });
});
afterEach(() => store.close());

/** Ages of messages, in days: around each limit that is chosen here, and past all of them. */
const agesInDays = [0, 1, 2, 3, 4, 7, 8, 29, 30, 31, 34];

/** A message of each age, of each tenant. */
async function fill(tenants: readonly string[], status: Status = 'delivered'): Promise<void> {
  // Written at its time, as a later event would be too old.
  for (const age of agesInDays.toReversed()) {
    store.clock.time = noon - age * day;
    const at = store.clock.now();
    await store.intake().add(tenants.map((tenant) => later(event({ at, tenant }), status)));
  }
  store.clock.time = noon;
}

async function oldest(tenant: string): Promise<number> {
  const rows = (await store.rows()).filter((row) => row.tenant === tenant);
  return Math.max(...rows.map(({ acceptedAt }) => noon - acceptedAt.getTime())) / day;
}

async function gauge(name: string): Promise<number | undefined> {
  const values = (await store.metrics.getSingleMetric(name)?.get())?.values ?? [];
  return values.find(({ labels }) => labels['store'] === 'logging.messages')?.value;
}
const age = () => gauge('mysmtp_oldest_personal_record_age_seconds');
const limit = () => gauge('mysmtp_retention_limit_seconds');

test('each tenant keeps what it has chosen, the others the usual time (privacy.md, delivery events)', async () => {
  await fill(['short', 'long', 'usual']);
  await store.retentions.choose('short', 2);
  await store.retentions.choose('long', 30);
  await run();
  expect(await Promise.all(['short', 'long', 'usual'].map(oldest))).toEqual([2, 30, 7]);
  // The collections of days that nobody keeps are dropped.
  expect(await store.days.days()).toHaveLength(9);
  // Each is exactly at its limit, less the hour of the job.
  expect([await age(), await limit()]).toEqual([week / 1_000, (week + hour) / 1_000]);

  await store.retentions.choose('long', 1);
  await run();
  expect(await oldest('long')).toBe(1);
  expect(await store.days.days()).toHaveLength(6);
});

test('a choice is one document of the tenant, and the next one says since when the log is complete', async () => {
  const stored = () => store.connection.collection('retentions').find().toArray();
  await store.retentions.choose('t', 3);
  store.clock.time += day;
  await store.retentions.choose('t', 30);
  // The day after, what was older than three days is gone.
  const gapUntil = new Date(noon + day - 3 * day);
  expect(await stored()).toEqual([{ _id: 't', tenant: 't', usageLogDays: 30, gapUntil }]);
  expect(store.retentions.completeSince('t')).toBe(gapUntil.getTime());
  expect(store.retentions.completeSince('other')).toBe(noon + day - week);
});

test('the metric is over its limit if a row is past the time of its own tenant, shorter or longer', async () => {
  const isOver = async () => ((await age()) ?? 0) > ((await limit()) ?? 0);
  const add = (tenant: string, at: number) =>
    store.intake().add([later(event({ at, tenant }), 'delivered')]);
  await store.retentions.choose('long', 30);
  await add('long', noon - 20 * day);
  await run();
  expect(await isOver()).toBe(false);
  await store.retentions.choose('short', 2);
  await add('short', noon - 2 * day + hour);
  await run();
  store.clock.time += hour;
  expect(await isOver()).toBe(false);
  // Retention is late: this row is two days and two hours old.
  store.clock.time += 2 * hour;
  expect(await isOver()).toBe(true);
  await run();
  expect(await isOver()).toBe(false);
});

test('with 0 days a final row keeps nothing personal, and counts in statistics', async () => {
  const at = noon - hour;
  const [kept, going] = [0, 1].map((n) =>
    event({ at, n, tenant: 't', tagIndexes: ['news'], credential: 'web' }),
  ) as [ReturnType<typeof event>, ReturnType<typeof event>];
  const before = later(event({ at: at - hour, tenant: 't' }), 'bounced');
  await store.intake().add([before, later(kept, 'deferred', 1), later(going, 'deferred', 1)]);
  await store.retentions.choose('t', 0);
  await run();
  await store.intake().add([later(going, 'delivered')]);

  const rows = new Map((await store.rows()).map((row) => [row._id, row]));
  const always = ['_id', 'tenant', 'acceptedAt', 'status', 'rev', 'nextAttemptAt'];
  const personal = (row: Row | undefined) =>
    Object.keys(row ?? {})
      .filter((field) => !always.includes(field))
      .toSorted();
  expect(personal(rows.get(`${going.id}:1`))).toEqual(['attemptCount', 'credential']);
  expect(personal(rows.get(`${before.id}:0`))).toEqual(['attemptCount', 'lastReply']);
  expect(rows.get(`${kept.id}:0`)).toHaveProperty('details');

  const asked = { tenant: 't', after: 0, before: noon, limit: 10, withoutFinal: true };
  const page = await findPage(store.days, { ...asked, after: noon - week });
  expect(page.rows.map(({ status }) => status)).toEqual(['deferred']);
  for (const filter of [{ credential: 'web' }, { lastReply: 'none' as const }]) {
    const { rows: found } = await findPage(store.days, { ...asked, ...filter, after: noon - week });
    expect(found.map(({ status }) => status)).toEqual(['deferred']);
  }

  const statistics = await openStatistics(store.connection);
  await createHourCounter({
    ...store,
    metrics: new Registry(),
    store: statistics,
    longest: week,
    tenants: createTenants(store.guard, (tenant) => ({ tenant })),
  }).run();
  const counted = (await statistics.find('t', noon - day, noon)).flatMap(({ counts }) => counts);
  expect(counted.map(({ status }) => status).toSorted()).toEqual([
    'bounced',
    'deferred',
    'delivered',
  ]);
});

test('statistics do not shrink when a tenant chooses a shorter time and then a longer one', async () => {
  await fill(['t']);
  const statistics = await openStatistics(store.connection);
  const count = () =>
    createHourCounter({
      ...store,
      metrics: new Registry(),
      store: statistics,
      longest: 30 * day,
      tenants: createTenants(store.guard, (tenant) => ({ tenant })),
    }).run();
  const counted = async () =>
    (await statistics.find('t', noon - 40 * day, noon + day)).map(({ hour: at }) => at.getTime());
  // Two recipients in the hour of the boundary: one of them will be removed.
  const boundary = noon - 3 * day;
  store.clock.time = boundary;
  await store.intake().add([later(event({ at: boundary - 60_000, tenant: 't' }), 'delivered')]);
  store.clock.time = noon;
  await count();
  const before = await counted();
  expect(before.length).toBeGreaterThanOrEqual(6);
  const recipients = async () =>
    (await statistics.find('t', noon - 40 * day, noon + day))
      .flatMap(({ counts }) => counts)
      .reduce((sum, one) => sum + one.recipients, 0);
  const all = await recipients();
  await store.retentions.choose('t', 3);
  await run();
  await store.retentions.choose('t', 30);
  await count();
  expect(await counted()).toEqual(before);
  expect(await recipients()).toBe(all);
});
