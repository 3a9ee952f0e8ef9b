import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRetention } from '../src/jobs/retention.ts';
import { event, later } from './events.ts';
import { openStore, week, type Store } from './store.ts';

const hour = 3_600_000;
const day = 24 * hour;
const noon = Date.parse('2026-11-24T12:00:00Z');

let store: Store;
beforeEach(async () => {
  store = await openStore();
  store.clock.time = noon;
});
afterEach(() => store.close());

const create = () =>
  createRetention({
    days: store.days,
    retentions: store.retentions,
    usual: week,
    clock: store.clock,
    log: store.log,
    metrics: store.metrics,
  });

async function gauge(name: string): Promise<number | undefined> {
  const values = (await store.metrics.getSingleMetric(name)?.get())?.values ?? [];
  return values.find(({ labels }) => labels['store'] === 'logging.messages')?.value;
}

test('after the clock has moved nothing is older than the retention and an hour (privacy.md, automatic deletion)', async () => {
  const intake = store.intake();
  const ages = Array.from({ length: 7 * 24 }, (_, hours) => hours * hour);
  await intake.add(ages.map((age) => later(event({ at: noon - age }), 'delivered')));
  const removeOld = create();
  for (const moved of [0, 1, 2, 13, 36, 37, 60, 24 * 7]) {
    store.clock.time = noon + moved * hour;
    await removeOld();
    const rows = await store.rows();
    const oldest = Math.min(...rows.map((row) => row.acceptedAt.getTime()), store.clock.time);
    expect(store.clock.time - oldest).toBeLessThanOrEqual(week);
    // And no younger row was removed.
    expect(rows.length).toBe(ages.filter((age) => age + moved * hour <= week).length);
    expect(await gauge('mysmtp_oldest_personal_record_age_seconds')).toBe(
      (store.clock.time - oldest) / 1_000,
    );
  }
  expect(await gauge('mysmtp_retention_limit_seconds')).toBe((week + hour) / 1_000);
});

test('days that are completely over are dropped with their collection', async () => {
  const intake = store.intake();
  await intake.add([0, 1, 2].map((days) => later(event({ at: noon - days * day }), 'bounced')));
  expect(await store.days.days()).toEqual(['2026-11-22', '2026-11-23', '2026-11-24']);
  store.clock.time = noon + 6 * day;
  const removeOld = create();
  await removeOld();
  expect(await store.days.days()).toEqual(['2026-11-23', '2026-11-24']);
});

test('a part of a day with thousands of rows is deleted in batches', async () => {
  const intake = store.intake();
  const old = Array.from({ length: 2_500 }, (_, n) => event({ at: noon - n }));
  await intake.add([...old, event({ at: noon + 1 })]);
  store.clock.time = noon + week + 1;
  const removeOld = create();
  await removeOld();
  expect((await store.rows()).map((row) => row.acceptedAt.getTime())).toEqual([noon + 1]);
});

test('rows that arrive after their day was dropped do not restore it', async () => {
  store.clock.time = noon + week + day;
  const intake = store.intake();
  await intake.add([later(event({ at: noon }), 'delivered')]);
  expect(await store.days.days()).toEqual([]);
});
