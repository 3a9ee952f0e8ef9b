import { beforeEach, expect, test } from 'vitest';
import { createLease, type Lease } from '../src/lease.ts';

const processLease = 10_000;

let lease: Lease;
beforeEach(() => {
  lease = createLease(processLease);
  lease.begin();
});

test('a lease needs both: current fences, and a returned heartbeat', () => {
  expect(lease.isCurrent(0)).toBe(false);
  const number = lease.send(0);
  lease.returned(number);
  expect(lease.isCurrent(1)).toBe(false);
  lease.markSynced();
  expect(lease.isCurrent(1)).toBe(true);
});

test('current fences alone are not enough', () => {
  lease.markSynced();
  lease.send(0);
  expect(lease.isCurrent(1)).toBe(false);
});

test('a lease runs from the sending of the heartbeat, not from its return', () => {
  lease.markSynced();
  lease.returned(lease.send(1_000));
  expect(lease.isCurrent(1_000 + processLease - 1)).toBe(true);
  expect(lease.isCurrent(1_000 + processLease)).toBe(false);
});

test('a later heartbeat extends the lease, an older one that arrives late does not shorten it', () => {
  lease.markSynced();
  const older = lease.send(0);
  const later = lease.send(5_000);
  lease.returned(later);
  lease.returned(older);
  expect(lease.isCurrent(5_000 + processLease - 1)).toBe(true);
});

test('a heartbeat that was never sent, or returns twice, proves nothing', () => {
  lease.markSynced();
  lease.returned(7);
  expect(lease.isCurrent(0)).toBe(false);
  const number = lease.send(0);
  lease.returned(number);
  lease.returned(number);
  expect(lease.isCurrent(processLease)).toBe(false);
});

test('a new queue resets both: the fences and earlier heartbeats', () => {
  lease.markSynced();
  const before = lease.send(0);
  lease.returned(lease.send(0));
  expect(lease.isCurrent(1)).toBe(true);
  lease.begin();
  expect(lease.isCurrent(1)).toBe(false);
  lease.markSynced();
  lease.returned(before);
  expect(lease.isCurrent(1)).toBe(false);
  lease.returned(lease.send(1));
  expect(lease.isCurrent(2)).toBe(true);
});

test('the lease of a frozen process is over when it continues', () => {
  lease.markSynced();
  lease.returned(lease.send(0));
  const number = lease.send(2_000);
  // An hour later the old messages of its queue are read first. They are too old to prove anything.
  const now = 3_600_000;
  lease.returned(number);
  expect(lease.isCurrent(now)).toBe(false);
});
