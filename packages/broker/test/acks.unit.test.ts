import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAcks, type Acks } from '../src/acks.ts';

/** The acks that the broker got: a tag, with `≤` in front if it includes all tags up to it. */
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

test('a run of messages is one ack, in any order of completion', () => {
  ack(2, 1, 3);
  vi.runAllTimers();
  expect(said).toEqual(['≤3']);
  ack(5, 4);
  vi.runAllTimers();
  expect(said).toEqual(['≤3', '≤5']);
});

test('no ack covers an unfinished message, and acks behind it are sent one by one', () => {
  ack(1, 2, 4);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['≤2']);
  vi.advanceTimersByTime(5);
  expect(said).toEqual(['≤2', '4']);
  ack(3, 5);
  vi.runAllTimers();
  expect(said).toEqual(['≤2', '4', '≤5']);
});

test('a returned message does not end a run, and is never the end of one', () => {
  acks.forget(2);
  ack(1, 3);
  acks.forget(4);
  vi.runAllTimers();
  expect(said).toEqual(['≤3']);
  ack(5);
  vi.runAllTimers();
  expect(said).toEqual(['≤3', '≤5']);
});

test('an ack is sent at once, unless one was sent a moment ago', () => {
  ack(1);
  vi.advanceTimersByTime(1);
  ack(2);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['≤1', '≤2']);
});

test('after a run the pause is a millisecond for each message, and never more than 20', () => {
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

test('a flush sends all acks at once', () => {
  ack(1, 3);
  acks.flush();
  expect(said).toEqual(['≤1', '3']);
  vi.runAllTimers();
  expect(said).toEqual(['≤1', '3']);
});
