import { createLogger } from '@mysmtp/log';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startJob, startPacedJob } from '../src/scheduler.ts';

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

describe('a job with two paces', () => {
  const pace = { busy: 500, idle: 5_000 };
  let work: number;
  let runs: number[];
  const run = async () => {
    runs.push(Date.now());
    work = Math.max(0, work - 1);
    return work > 0;
  };

  beforeEach(() => {
    vi.setSystemTime(0);
    [work, runs] = [0, []];
  });

  test('runs often while a run leaves work, and seldom while none does', async () => {
    work = 3;
    const job = startPacedJob('work', pace, run, context());
    await vi.advanceTimersByTimeAsync(11_000);
    await job.stop();
    expect(runs).toEqual([0, 500, 1_000, 5_000, 10_000]);
  });

  test('runs at its busy pace after a wake, also one during a run, and not more often', async () => {
    let during: (() => void) | undefined;
    const job = startPacedJob(
      'work',
      pace,
      async () => {
        during?.();
        return run();
      },
      context(),
    );
    await vi.advanceTimersByTimeAsync(5_200);
    for (let wakes = 0; wakes < 10; wakes += 1) job.wake();
    during = () => {
      job.wake();
      during = undefined;
    };
    await vi.advanceTimersByTimeAsync(5_000);
    await job.stop();
    expect(runs).toEqual([0, 5_000, 5_500, 6_000, 10_000]);
  });

  test('is not delayed by wakes while its clock stands still', async () => {
    const job = startPacedJob('work', pace, run, { ...context(), clock: { now: () => 0 } });
    await vi.advanceTimersByTimeAsync(100);
    for (let wakes = 0; wakes < 10; wakes += 1) {
      job.wake();
      await vi.advanceTimersByTimeAsync(100);
    }
    await job.stop();
    expect(runs).toEqual([0, 600, 1_100]);
  });

  test('is tried again at its busy pace after a failure', async () => {
    const fails: number[] = [];
    const fail = () => Promise.reject(new Error(String(fails.push(Date.now()))));
    const job = startPacedJob('work', pace, fail, context());
    await vi.advanceTimersByTimeAsync(1_200);
    await job.stop();
    expect(fails).toEqual([0, 500, 1_000]);
  });

  test('does not run again if it is woken after its stop', async () => {
    const job = startPacedJob('work', pace, run, context());
    await vi.advanceTimersByTimeAsync(100);
    await job.stop();
    job.wake();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(runs).toEqual([0]);
  });
});
