import { beforeEach, expect, test } from 'vitest';
import { createLease, type Lease } from '../src/lease.ts';

const processLease = 10_000;

let lease: Lease;
beforeEach(() => {
  lease = createLease(processLease);
  lease.begin();
});

test('it takes both: the past is known, and a beat came back', () => {
  expect(lease.isCurrent(0)).toBe(false);
  const beat = lease.send(0);
  lease.returned(beat);
  expect(lease.isCurrent(1)).toBe(false);
  lease.caughtUp();
  expect(lease.isCurrent(1)).toBe(true);
});

test('the past alone is not enough', () => {
  lease.caughtUp();
  lease.send(0);
  expect(lease.isCurrent(1)).toBe(false);
});

test('it runs from when the beat was sent, not from when it came back', () => {
  lease.caughtUp();
  lease.returned(lease.send(1_000));
  expect(lease.isCurrent(1_000 + processLease - 1)).toBe(true);
  expect(lease.isCurrent(1_000 + processLease)).toBe(false);
});

test('a later beat prolongs it, an older one that comes late does not shorten it', () => {
  lease.caughtUp();
  const older = lease.send(0);
  const later = lease.send(5_000);
  lease.returned(later);
  lease.returned(older);
  expect(lease.isCurrent(5_000 + processLease - 1)).toBe(true);
});

test('a beat that was never sent, or comes back twice, proves nothing', () => {
  lease.caughtUp();
  lease.returned(7);
  expect(lease.isCurrent(0)).toBe(false);
  const beat = lease.send(0);
  lease.returned(beat);
  lease.returned(beat);
  expect(lease.isCurrent(processLease)).toBe(false);
});

test('a new queue begins with nothing: no past, and no beat of the time before', () => {
  lease.caughtUp();
  const before = lease.send(0);
  lease.returned(lease.send(0));
  expect(lease.isCurrent(1)).toBe(true);
  lease.begin();
  expect(lease.isCurrent(1)).toBe(false);
  lease.caughtUp();
  lease.returned(before);
  expect(lease.isCurrent(1)).toBe(false);
  lease.returned(lease.send(1));
  expect(lease.isCurrent(2)).toBe(true);
});

test('a process that was frozen finds its lease over when it wakes', () => {
  lease.caughtUp();
  lease.returned(lease.send(0));
  const beat = lease.send(2_000);
  // An hour later what waited in its queue is read first, and is too old to prove anything.
  const now = 3_600_000;
  lease.returned(beat);
  expect(lease.isCurrent(now)).toBe(false);
});
