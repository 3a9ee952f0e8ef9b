import { expect, test } from 'vitest';
import { nextAttemptAt, soonAfter } from '../src/core/schedule.ts';
import { createPoisonLimiter, concurrencyBeside } from '../src/deferred/poison-limiter.ts';
import { dueRanges, firstBucketOf, bucketOf, timeOfBucket } from '../src/deferred/buckets.ts';
import {
  afterBreak,
  afterSuccess,
  newBudget,
  afterFailure,
  healthy,
} from '../src/sites/capacity.ts';

const minute = 60_000;
const settings = { retryFirst: 5 * minute, retryMax: 240 * minute };

test('delays double from the first to the longest, with at most a tenth more at random', () => {
  const exact = [1, 2, 3, 4, 5, 6, 7, 20].map(
    (tries) => nextAttemptAt(0, tries, settings, () => 0) / minute,
  );
  expect(exact).toEqual([5, 10, 20, 40, 80, 160, 240, 240]);
  expect(nextAttemptAt(0, 1, settings, () => 1)).toBe(5.5 * minute);
  expect(soonAfter(1_000, () => 0.5)).toBe(31_000);
});

test('five days have about thirty attempts', () => {
  let now = 0;
  let tries = 0;
  while (now < 5 * 1_440 * minute) {
    tries += 1;
    now = nextAttemptAt(now, tries, settings, () => 0.5);
  }
  expect(tries).toBeGreaterThan(28);
  expect(tries).toBeLessThan(36);
});

test('a bucket is a sixteenth of a second of due mail', () => {
  expect(firstBucketOf(10_999)).toBe(160);
  expect(bucketOf(10_999, () => 0)).toBe(160);
  expect(bucketOf(10_999, () => 0.999)).toBe(175);
  expect([160, 175].map(timeOfBucket)).toEqual([10_000, 10_000]);
});

test('due ranges cover the time without a gap and exclude the current second', () => {
  const ranges = [...dueRanges(0, 2.5 * 3_600_000 + 500, 3_600_000)];
  expect(ranges.map(({ from, to }) => (to - from) / 16)).toEqual([3_600, 3_600, 1_800]);
  expect(ranges[1]?.from).toBe(ranges[0]?.to);
  expect([...dueRanges(5_000, 5_999)]).toEqual([]);
});

test('the concurrency shrinks with every unfinished handling, down to one', () => {
  expect([1, 2, 3, 4, 5, 9].map(concurrencyBeside)).toEqual([50, 10, 3, 1, 1, 1]);
});

test('a message with four unfinished handlings is handled alone, and the others after it', async () => {
  const limiter = createPoisonLimiter();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const all = [
    limiter.run(1, work('first')),
    limiter.run(2, work('second')),
    limiter.run(4, work('poisonous')),
    limiter.run(1, work('last')),
  ];
  expect(begun).toEqual(['first', 'second']);
  ends.get('first')?.();
  await all[0];
  expect(begun).toEqual(['first', 'second']);
  ends.get('second')?.();
  await all[1];
  await Promise.resolve();
  expect(begun).toEqual(['first', 'second', 'poisonous']);
  ends.get('poisonous')?.();
  await all[2];
  await Promise.resolve();
  expect(begun.at(-1)).toBe('last');
  ends.get('last')?.();
  await Promise.all(all);
});

test('a site gets one connection more after a round of successes, and half as many after a break', () => {
  let budget = newBudget(7);
  expect(budget.limit).toBe(5);
  for (let n = 0; n < 5; n += 1) budget = afterSuccess(budget, 7);
  expect(budget.limit).toBe(6);
  for (let n = 0; n < 60; n += 1) budget = afterSuccess(budget, 7);
  expect(budget.limit).toBe(7);
  expect(afterBreak(budget).limit).toBe(3);
  expect(afterBreak({ limit: 1, successes: 0 }).limit).toBe(1);
});

test('a dead site is not dialled for half a minute, then longer, at most a quarter of an hour', () => {
  let health = healthy;
  const pauses = Array.from({ length: 8 }, () => {
    health = afterFailure(health, 0);
    return health.skipUntil / 1_000;
  });
  expect(pauses).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
});
