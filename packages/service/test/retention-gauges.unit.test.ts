import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { retentionGauges } from '../src/retention-gauges.ts';

const hour = 3_600_000;
const clock = { time: 100 * hour, now: () => clock.time };

test('the age of a store grows where its job looks no more, and an unknown one is not shown', async () => {
  const metrics = new Registry();
  const of = (store: string) => retentionGauges({ store, limit: 2 * hour, clock, metrics });
  const ages = async (): Promise<Record<string, number>> => {
    const gauge = await metrics.getSingleMetric('mysmtp_oldest_personal_record_age_seconds')?.get();
    return Object.fromEntries(
      (gauge?.values ?? []).map(({ labels, value }) => [String(labels['store']), value]),
    );
  };
  const shelf = of('delivery.shelf');
  const purges = of('delivery.purges');
  expect(await ages()).toEqual({});
  shelf.looked(clock.now() - hour);
  purges.looked(undefined);
  expect(await ages()).toEqual({ 'delivery.shelf': 3_600, 'delivery.purges': 0 });
  clock.time += 2 * hour;
  // What has come into a store that was empty may be as old as the last look.
  expect(await ages()).toEqual({ 'delivery.shelf': 10_800, 'delivery.purges': 7_200 });
  shelf.looked(undefined);
  purges.looked(undefined);
  expect(await ages()).toEqual({ 'delivery.shelf': 0, 'delivery.purges': 0 });
});

test('a store that the registry of personal data does not have cannot be shown', () => {
  const metrics = new Registry();
  expect(() => retentionGauges({ store: 'delivery.cellar', limit: 1, clock, metrics })).toThrow(
    'delivery.cellar is not in the registry of personal data',
  );
});
