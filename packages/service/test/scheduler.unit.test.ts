import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startJob } from '../src/scheduler.ts';

const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => vi.useRealTimers());

function context() {
  const lines: string[] = [];
  return {
    metrics: new Registry(),
    log: createLogger('privacy', 'error', { write: (line) => void lines.push(line) }),
    clock: { now: () => Date.now() },
    lines,
  };
}

async function failing({ metrics }: { metrics: Registry }): Promise<number | undefined> {
  const gauge = await metrics.getSingleMetric('mysmtp_failing_jobs')?.get();
  return gauge?.values[0]?.value;
}

test('a job runs now, and then with the full minutes', async () => {
  vi.setSystemTime(Date.parse('2026-03-04T12:00:40Z'));
  const runs: string[] = [];
  const job = startJob(
    'look',
    minute,
    async () => void runs.push(new Date().toISOString()),
    context(),
  );
  await vi.advanceTimersByTimeAsync(90_000);
  await job.stop();
  await vi.advanceTimersByTimeAsync(10 * minute);
  expect(runs.map((at) => at.slice(11, 19))).toEqual(['12:00:40', '12:01:00', '12:02:00']);
});

test('jobs whose last run failed are counted, each once, until one succeeds', async () => {
  const shared = context();
  let isAway = true;
  const fail = (): Promise<void> =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve();
  const jobs = [
    startJob('well', minute, () => Promise.resolve(), shared),
    startJob('first', minute, fail, shared),
    startJob('second', 2 * minute, fail, shared),
  ];
  await vi.advanceTimersByTimeAsync(1);
  expect(await failing(shared)).toBe(2);
  await vi.advanceTimersByTimeAsync(10 * minute);
  expect(await failing(shared)).toBe(2);
  expect(shared.lines.filter((line) => line.includes('job.failed')).length).toBeGreaterThan(10);
  isAway = false;
  await vi.advanceTimersByTimeAsync(2 * minute);
  expect(await failing(shared)).toBe(0);
  await Promise.all(jobs.map((job) => job.stop()));
});
