import { expect, test } from 'vitest';
import { createMoments } from '../client/moments.ts';
import { latenciesOf, medianLatencies } from '../latency/distribution.ts';
import { median, percentile } from '../percentiles.ts';

const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);

test.each([
  [0, 1],
  [0.5, 50],
  [0.95, 95],
  [0.99, 99],
  [1, 100],
])('percentile %s of 1 to 100 is %s: the nearest rank', (share, value) => {
  expect(percentile(hundred, share)).toBe(value);
});

test('a percentile is a value that occurred, also of few values', () => {
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([1, 1000], 0.5)).toBe(1);
  expect(percentile([1, 1000], 0.51)).toBe(1000);
  expect(percentile([], 0.5)).toBeNaN();
});

test('the median of an even number of values is between the middle two', () => {
  expect(median([9, 1, 3])).toBe(3);
  expect(median([4, 1, 3, 9])).toBe(3.5);
});

test('a message that is sent late has its delay in the latency since it was due, and only there', () => {
  const moments = createMoments(4);
  // Due every 10 ms. The third one waits 90 ms for a free session; the fourth one is not counted.
  moments.due.set([0, 10, 20, 30]);
  moments.lastOctet.set([1, 11, 110, 0]);
  moments.reply.set([3, 14, 114, 0]);
  moments.arrival.set([6, 21, 120, 0]);
  expect(latenciesOf(moments, 3)).toEqual({
    reply: [3, 4, 4],
    sinceDue: [4, 94, 94],
    remote: [10, 10, 10],
  });
});

test('rounds are combined by the median of each percentile', () => {
  const round = (value: number) => ({
    reply: [value, value * 2, value * 3],
    sinceDue: [value, value, value],
    remote: [0, 0, value],
  });
  expect(medianLatencies([round(5), round(1), round(100)])).toEqual(round(5));
});
