import { expect, test } from 'vitest';
import { createPendingRows, type PendingRows } from '../src/messages/pending-rows.ts';
import { event, later } from './events.ts';

const now = 1_000_000;

function add(rows: PendingRows, ...events: ReturnType<typeof event>[]) {
  return events.map((one) => {
    const ticket = { settled: 0, done: () => void (ticket.settled += 1) };
    const added = rows.add(one, ticket, now);
    return { added, ticket };
  });
}

const statusesOf = (taken: ReturnType<PendingRows['take']>) =>
  [...taken.values()].map((pending) => pending.event.status);

test('of one row only the newest state waits, in any order of arrival', () => {
  const accepted = event();
  const delivered = later(accepted, 'delivered');
  for (const order of [
    [accepted, delivered],
    [delivered, accepted],
    [delivered, delivered, accepted],
  ]) {
    const rows = createPendingRows();
    add(rows, ...order);
    expect(statusesOf(rows.take({ now, all: false }, 10))).toEqual(['delivered']);
    expect(rows.size).toBe(0);
  }
});

test('a replaced state is settled; the newer one waits for its write', () => {
  const accepted = event();
  const [first, second] = add(createPendingRows(), accepted, later(accepted, 'deferred', 1));
  expect(first?.ticket.settled).toBe(1);
  expect(second?.ticket.settled).toBe(0);
});

test('an accepted row waits a second for its next state, others do not wait', () => {
  const rows = createPendingRows();
  add(rows, event(), later(event(), 'deferred', 1));
  expect(statusesOf(rows.take({ now, all: false }, 10))).toEqual(['deferred']);
  expect(statusesOf(rows.take({ now: now + 999, all: false }, 10))).toEqual([]);
  expect(statusesOf(rows.take({ now: now + 1_000, all: false }, 10))).toEqual(['accepted']);
});

test('accepted rows are written a few at a time, none if many wait, and all of them if they are old or all are requested', () => {
  const fill = (length = 100) => {
    const rows = createPendingRows();
    add(rows, ...Array.from({ length }, () => event()));
    return rows;
  };
  expect(fill(1_000).take({ now: now + 5_000, all: false }, 10_000).size).toBe(0);
  expect(fill(1_000).take({ now: now + 10_000, all: false }, 10_000).size).toBe(1_000);
  expect(fill().take({ now: now + 5_000, all: false }, 1_000).size).toBe(20);
  expect(fill().take({ now: now + 10_000, all: false }, 1_000).size).toBe(100);
  expect(fill().take({ now, all: true }, 1_000).size).toBe(100);
  expect(fill().take({ now, all: true }, 30).size).toBe(30);
});

test('rows of a failed write come back, and do not replace newer states', () => {
  const accepted = event();
  const other = event();
  const rows = createPendingRows();
  const [first] = add(rows, later(accepted, 'deferred', 1), other);
  const failed = rows.take({ now, all: true }, 10);
  add(rows, later(accepted, 'delivered'));
  rows.putBack(failed);
  expect(first?.ticket.settled).toBe(1);
  expect(statusesOf(rows.take({ now, all: true }, 10)).sort()).toEqual(['accepted', 'delivered']);
});

test('all rows of a tenant are taken out, and those of others keep their order', () => {
  const rows = createPendingRows();
  const [first, , second] = ['t1', 't2', 't1', 't3'].map(
    (tenant) => add(rows, event({ tenant }))[0],
  );
  const taken = rows.takeIf(({ tenant }) => tenant === 't1');
  expect(taken.map(({ ticket }) => ticket)).toEqual([first?.ticket, second?.ticket]);
  const left = rows.take({ now, all: true }, 10);
  expect([...left.values()].map((pending) => pending.event.tenant)).toEqual(['t2', 't3']);
});
