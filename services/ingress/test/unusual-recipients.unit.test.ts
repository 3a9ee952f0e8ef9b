import { createSecretKey } from 'node:crypto';
import { day } from '@mysmtp/contracts';
import { blindIndex } from '@mysmtp/seal';
import { expect, test } from 'vitest';
import { addIndex, emptySketch, type Sketch } from '../src/recipients/sketch.ts';
import {
  firstTimeRecipients,
  historyOf,
  isUnusual,
  type RecipientDay,
} from '../src/recipients/unusual-recipients.ts';

const key = createSecretKey(Buffer.alloc(32, 2));
const today = Date.UTC(2026, 10, 30);

/** A sketch of the recipients from this number to that one. */
function sketchOf(from: number, to: number): Sketch {
  const sketch = emptySketch();
  for (let n = from; n < to; n += 1) addIndex(sketch, blindIndex(key, String(n)));
  return sketch;
}

const before = (days: number, from: number, to: number, more: Partial<RecipientDay> = {}) => ({
  credential: 'c',
  tenant: 't',
  start: today - days * day,
  since: today - 20 * day,
  first: 0,
  sketch: sketchOf(from, to),
  ...more,
});

/** Whether these recipients of today are unusual after these days. */
function judge(days: readonly RecipientDay[], from: number, to: number): boolean {
  const history = historyOf(days, today);
  return isUnusual(firstTimeRecipients(history, sketchOf(from, to)), history, today);
}

test('more than five times as many new recipients as on any day of the week before', () => {
  const days = [before(1, 0, 1_000, { first: 30 }), before(6, 500, 1_500, { first: 10 })];
  expect(judge(days, 5_000, 5_200)).toBe(true);
  expect(judge(days, 5_000, 5_120)).toBe(false);
});

test('any number of recipients of the last seven days is usual', () => {
  expect(judge([before(7, 0, 5_000), before(1, 0, 50)], 0, 5_000)).toBe(false);
  expect(judge([before(8, 0, 5_000), before(1, 0, 50)], 0, 5_000)).toBe(true);
});

test('few new recipients are usual, also if there were none before', () => {
  expect(judge([before(1, 0, 50)], 1_000, 1_080)).toBe(false);
  expect(judge([before(1, 0, 50)], 1_000, 1_150)).toBe(true);
});

test('nothing is unusual until the sketches cover a week', () => {
  const since = (days: number) => [before(2, 0, 50, { since: today - days * day })];
  expect(judge(since(7), 1_000, 3_000)).toBe(true);
  expect(judge(since(6), 1_000, 3_000)).toBe(false);
  expect(judge([], 1_000, 3_000)).toBe(false);
});

test('a share of new recipients within the error of the sketch is never unusual', () => {
  // A list of 10,000 that grows by 2 % on this day, after a week without growth.
  const grown = Array.from({ length: 10 }, (_, n) => {
    const from = n * 20_000;
    return judge([before(1, from, from + 10_000)], from, from + 10_200);
  });
  expect(grown).not.toContain(true);
});
