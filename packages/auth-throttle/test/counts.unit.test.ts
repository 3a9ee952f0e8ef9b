import { day, hour, minute } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { createCounts, limits, memory, window, type Counts } from '../src/counts.ts';

function open() {
  const clock = { time: 1_000_000, now: () => clock.time };
  const throttled: (string | undefined)[] = [];
  const make = () =>
    createCounts({ hash: (text) => text, clock, onThrottled: (one) => void throttled.push(one) });
  return { clock, throttled, make, counts: make() };
}

const nothing = { failures: [], successes: [], mails: [] };
const customer = { address: '192.0.2.1', account: 'smtp:customer' };
const fail = (counts: Counts, attempt: { address: string; account?: string }, times: number) => {
  for (let count = 0; count < times; count += 1) counts.failed(attempt);
};
/** Each from another network. */
const strangers = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...customer, address: `198.51.100.${String(n)}` }));

test('ten failures of an account from a network refuse it there for a quarter of an hour', () => {
  const { counts, clock } = open();
  fail(counts, customer, limits.pair - 1);
  expect(counts.decide(customer)).toEqual({ delay: 0 });
  fail(counts, customer, 1);
  expect(counts.decide(customer)).toEqual({ refused: 'pair', seconds: window / 1_000 });
  expect(counts.decide({ ...customer, account: 'smtp:other' })).toEqual({ delay: 0 });
  expect(counts.decide({ ...customer, address: '192.0.2.2' })).toEqual({ delay: 0 });
  clock.time += window - 1;
  expect(counts.decide(customer)).toEqual({ refused: 'pair', seconds: 1 });
  clock.time += 1;
  expect(counts.decide(customer)).toEqual({ delay: 0 });
});

test('failures that are spread over time do not add up', () => {
  const { counts, clock } = open();
  for (let count = 0; count < 100; count += 1) {
    fail(counts, customer, 1);
    clock.time += 2 * minute;
  }
  expect(counts.decide(customer)).toEqual({ delay: 0 });
});

test('strangers in other networks cannot lock an account: it is delayed, and not where it is known', () => {
  const { counts, throttled } = open();
  const elsewhere = { ...customer, address: '203.0.113.1' };
  counts.succeeded(customer);
  for (const stranger of strangers(200)) fail(counts, stranger, limits.pair);
  expect(counts.decide(customer)).toEqual({ delay: 0 });
  expect(counts.decide(elsewhere)).toEqual({ delay: 3_000 });
  expect(throttled).toHaveLength(1);
});

test('strangers in the same network do not lock out an account that is known there', () => {
  const { counts, clock } = open();
  counts.succeeded(customer);
  for (let n = 0; n < limits.network; n += 1) {
    fail(counts, { ...customer, account: `smtp:guess-${String(n)}` }, 1);
  }
  const newcomer = { ...customer, account: 'smtp:newcomer' };
  expect(counts.decide(newcomer)).toMatchObject({ refused: 'network' });
  expect(counts.decide(customer)).toEqual({ delay: 0 });
  // Its own failures still count.
  fail(counts, customer, limits.pair);
  expect(counts.decide(customer)).toMatchObject({ refused: 'pair' });
  clock.time += memory;
  for (let n = 0; n < limits.network; n += 1) fail(counts, newcomer, 1);
  expect(counts.decide(customer)).toMatchObject({ refused: 'network' });
});

test('a success ends the count of its pair only', () => {
  const { counts } = open();
  fail(counts, customer, limits.pair - 1);
  counts.succeeded(customer);
  fail(counts, customer, limits.pair - 1);
  expect(counts.decide(customer)).toEqual({ delay: 0 });
});

test('an IPv6 /64 is one network, a /48 has four times as many failures', () => {
  const { counts } = open();
  const inSubnet = (subnet: number) => ({ address: `2001:db8:0:${subnet.toString(16)}::1` });
  const guess = (subnet: number) => {
    for (let n = 0; n < limits.network; n += 1) {
      fail(counts, { ...inSubnet(subnet), account: `smtp:guess-${String(n)}` }, 1);
    }
  };
  guess(1);
  expect(counts.decide({ address: '2001:db8:0:1::2' })).toMatchObject({ refused: 'network' });
  expect(counts.decide(inSubnet(2))).toEqual({ delay: 0 });
  for (let subnet = 2; subnet <= 4; subnet += 1) guess(subnet);
  expect(counts.decide(inSubnet(9))).toMatchObject({ refused: 'network' });
});

test('a bearer token names no account: only its network counts', () => {
  const { counts } = open();
  fail(counts, { address: '192.0.2.1' }, 10 * limits.network - 1);
  expect(counts.decide({ address: '192.0.2.1' })).toEqual({ delay: 0 });
  fail(counts, { address: '192.0.2.1' }, 1);
  expect(counts.decide({ address: '192.0.2.1' })).toMatchObject({ refused: 'network' });
  expect(counts.decide(customer)).toMatchObject({ refused: 'network' });
});

test('another process that gets what was counted decides the same, and tells nobody', () => {
  const { counts, make, clock } = open();
  const other = make();
  for (const stranger of strangers(3)) fail(counts, stranger, limits.pair);
  counts.succeeded({ ...customer, address: '203.0.113.9' });
  const taken = counts.take();
  expect(counts.take()).toBeUndefined();
  other.add(taken ?? nothing);
  for (const stranger of [...strangers(4), { ...customer, address: '203.0.113.9' }]) {
    expect(other.decide(stranger)).toEqual(counts.decide(stranger));
  }
  expect(other.take()).toBeUndefined();
  // A success is told once an hour.
  counts.succeeded({ ...customer, address: '203.0.113.9' });
  expect(counts.take()).toBeUndefined();
  clock.time += hour;
  counts.succeeded({ ...customer, address: '203.0.113.9' });
  expect(counts.take()).toMatchObject({ failures: [], successes: [expect.any(String)] });
});

test('more failures than fit into a message are taken in several', () => {
  const { counts } = open();
  for (let n = 0; n < 1_200; n += 1) {
    counts.failed({ address: `10.0.${String(n >> 8)}.${String(n & 255)}`, account: 'smtp:x' });
  }
  const sizes = [];
  for (let taken = counts.take(); taken !== undefined; taken = counts.take()) {
    sizes.push(taken.failures.length);
  }
  expect(sizes).toEqual([500, 500, 200]);
});

test('five mails in an hour may be sent to one address, by all processes together', () => {
  const { counts, make, clock } = open();
  const other = make();
  const address = 'jane@example.org';
  for (let count = 0; count < 5; count += 1) expect(counts.countMail(address)).toEqual({});
  expect(counts.countMail('Jane@EXAMPLE.org')).toEqual({ seconds: 3_600 });
  expect(counts.countMail('john@example.org')).toEqual({});
  other.add(counts.take() ?? nothing);
  clock.time += hour - 1;
  expect(other.countMail(address)).toEqual({ seconds: 1 });
  clock.time += 1;
  expect(counts.countMail(address)).toEqual({});
});

test('so many sign-ups from one network in a day, by all processes together, and four times as many from a /48', () => {
  const { counts, make, clock } = open();
  const other = make();
  const signUp = (at: Counts, address: string) => at.countSignUp(address, 2);
  for (let count = 0; count < 2; count += 1) expect(signUp(counts, '192.0.2.1')).toEqual({});
  expect(signUp(counts, '192.0.2.1')).toEqual({ seconds: 86_400 });
  expect(signUp(counts, '192.0.2.2')).toEqual({});
  for (let subnet = 0; subnet < 8; subnet += 1) {
    expect(signUp(counts, `2001:db8:0:${String(subnet)}::1`)).toEqual({});
  }
  expect(signUp(counts, '2001:db8:0:9::1')).toEqual({ seconds: 86_400 });
  expect(signUp(counts, '2001:db8:1::1')).toEqual({});
  other.add(counts.take() ?? nothing);
  clock.time += day - 1;
  expect(signUp(other, '192.0.2.1')).toEqual({ seconds: 1 });
  clock.time += 1;
  expect(signUp(other, '192.0.2.1')).toEqual({});
});
