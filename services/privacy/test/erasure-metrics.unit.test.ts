import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { ErasureDocument } from '../src/erasures/ledger.ts';
import { createErasureMetrics } from '../src/erasures/metrics.ts';

test('the age of the oldest request grows even if the job does not run any more', async () => {
  const registry = new Registry();
  let now = Date.parse('2026-11-24T12:00:00Z');
  const metrics = createErasureMetrics(registry, { now: () => now });
  const age = async () =>
    /^mysmtp_erasure_oldest_open_seconds (\S+)$/m.exec(await registry.metrics())?.[1];
  metrics.update([], 3);
  expect(await age()).toBe('0');
  const open = { step: 'purging', silent: [], leftovers: [], requestedAt: new Date(now) };
  metrics.update([open as unknown as ErasureDocument], 3);
  now += 60_000;
  expect(await age()).toBe('60');
});
