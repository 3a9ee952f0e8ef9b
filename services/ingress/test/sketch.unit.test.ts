import { createSecretKey } from 'node:crypto';
import { blindIndex } from '@mysmtp/seal';
import { expect, test } from 'vitest';
import { addIndex, addSketch, emptySketch, estimate } from '../src/recipients/sketch.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const indexes = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => blindIndex(key, String(from + n)));

function sketchOf(all: readonly string[]) {
  const sketch = emptySketch();
  for (const index of all) addIndex(sketch, index);
  return sketch;
}

test('an empty sketch has nothing, and what was added twice counts once', () => {
  expect(estimate(emptySketch())).toBe(0);
  const one = sketchOf(indexes(0, 1));
  expect(addIndex(one, blindIndex(key, '0'))).toBe(false);
  expect(estimate(one)).toBeCloseTo(1, 1);
});

/** The standard error is 1.04 divided by the square root of the number of registers. */
const standardError = 1.04 / Math.sqrt(1024);

test.each([10, 100, 1_000, 5_000])(
  'the error of estimates of %i different indexes is that of the paper',
  (count) => {
    const errors = Array.from({ length: 20 }, (_, n) => {
      const from = n * count;
      return estimate(sketchOf(indexes(from, from + count))) / count - 1;
    });
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    // No bias: the mean of 20 is within three of its own standard errors.
    expect(Math.abs(mean)).toBeLessThan((3 * standardError) / Math.sqrt(errors.length));
    expect(deviation).toBeLessThan(1.5 * standardError);
  },
);

test('the union of two sketches is the sketch of all indexes, in any order', () => {
  const [all, some, others] = [indexes(0, 3_000), indexes(0, 2_000), indexes(1_000, 3_000)];
  const one = sketchOf(some);
  addSketch(one, sketchOf(others));
  const two = sketchOf(others);
  addSketch(two, sketchOf(some));
  expect(one).toEqual(sketchOf(all));
  expect(two).toEqual(one);
});
