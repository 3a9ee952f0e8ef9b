import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAcks, type Acks } from '../src/acks.ts';

/** What the broker was told: a tag, with a `≤` in front where all up to it were meant. */
let said: string[];
let acks: Acks;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  acks = createAcks((tag, allUpTo) => said.push(`${allUpTo ? '≤' : ''}${String(tag)}`));
});
afterEach(() => void vi.useRealTimers());

const ack = (...tags: number[]): void => {
  for (const tag of tags) acks.ack(tag);
};

test('a run of messages is one ack, in whatever order they were done', () => {
  ack(2, 1, 3);
  vi.runAllTimers();
  expect(said).toEqual(['≤3']);
  ack(5, 4);
  vi.runAllTimers();
  expect(said).toEqual(['≤3', '≤5']);
});

test('nothing is acked for a message that is still under way, and who waits behind it goes alone', () => {
  ack(1, 2, 4);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['≤2']);
  vi.advanceTimersByTime(5);
  expect(said).toEqual(['≤2', '4']);
  ack(3, 5);
  vi.runAllTimers();
  expect(said).toEqual(['≤2', '4', '≤5']);
});

test('a message that was given back does not end a run, and is never the end of one', () => {
  acks.forget(2);
  ack(1, 3);
  acks.forget(4);
  vi.runAllTimers();
  expect(said).toEqual(['≤3']);
  ack(5);
  vi.runAllTimers();
  expect(said).toEqual(['≤3', '≤5']);
});

test('an ack is said at once, unless one was said a moment ago', () => {
  ack(1);
  vi.advanceTimersByTime(1);
  ack(2);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['≤1', '≤2']);
});

test('after a run of many, a millisecond for each of them goes by, and never more than 20', () => {
  ack(1, 2, 3);
  vi.advanceTimersByTime(1);
  ack(4);
  vi.advanceTimersByTime(1);
  ack(5);
  expect(said).toEqual(['≤3']);
  vi.advanceTimersByTime(2);
  expect(said).toEqual(['≤3', '≤5']);
  vi.runAllTimers();
  for (let tag = 6; tag <= 105; tag += 1) ack(tag);
  vi.advanceTimersByTime(1);
  ack(106);
  vi.advanceTimersByTime(18);
  expect(said).toEqual(['≤3', '≤5', '≤105']);
  vi.advanceTimersByTime(2);
  expect(said).toEqual(['≤3', '≤5', '≤105', '≤106']);
});

test('a flush says everything at once', () => {
  ack(1, 3);
  acks.flush();
  expect(said).toEqual(['≤1', '3']);
  vi.runAllTimers();
  expect(said).toEqual(['≤1', '3']);
});
