import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { retentionGauges } from '../src/retention-gauges.ts';

const hour = 3_600_000;
const clock = { time: 100 * hour, now: () => clock.time };

test('the age of a store grows if its job no longer reads it, and an unknown store is not shown', async () => {
  const metrics = new Registry();
  const of = (store: string) => retentionGauges({ store, limit: 2 * hour, clock, metrics });
  const ages = async (): Promise<Record<string, number>> => {
    const gauge = await metrics.getSingleMetric('mysmtp_oldest_personal_record_age_seconds')?.get();
    return Object.fromEntries(
      (gauge?.values ?? []).map(({ labels, value }) => [String(labels['store']), value]),
    );
  };
  const deferred = of('delivery.deferred');
  const purges = of('delivery.deletionCounts');
  expect(await ages()).toEqual({});
  deferred.update(clock.now() - hour);
  purges.update(undefined);
  expect(await ages()).toEqual({ 'delivery.deferred': 3_600, 'delivery.deletionCounts': 0 });
  clock.time += 2 * hour;
  // A record that entered an empty store may be as old as the last read.
  expect(await ages()).toEqual({ 'delivery.deferred': 10_800, 'delivery.deletionCounts': 7_200 });
  deferred.update(undefined);
  purges.update(undefined);
  expect(await ages()).toEqual({ 'delivery.deferred': 0, 'delivery.deletionCounts': 0 });
});

test('a store that is not in the registry of personal data cannot be shown', () => {
  const metrics = new Registry();
  expect(() => retentionGauges({ store: 'delivery.cellar', limit: 1, clock, metrics })).toThrow(
    'delivery.cellar is not in the registry of personal data',
  );
});
