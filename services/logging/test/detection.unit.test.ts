import { randomUUID } from 'node:crypto';
import { day, hour, minute } from '@mysmtp/contracts';
import { describe, expect, test } from 'vitest';
import { createDetector, quiet } from '../src/detection/detector.ts';
import { rules, type Observed, type RuleName } from '../src/detection/rules.ts';
import { createWindows } from '../src/detection/windows.ts';

const start = Date.parse('2026-11-30T09:00:00Z');
const tenant = randomUUID();
const jane = { kind: 'person', id: 'jane' } as const;
const credential = { kind: 'credential', id: 'shop' } as const;
const operator = { kind: 'operator', id: 'olga' } as const;

/** A successful sign-in at `minutes` after the start, or another event. */
const event = (minutes: number, more: Partial<Observed> = {}): Observed => ({
  id: randomUUID(),
  at: start + minutes * minute,
  type: 'sign_in',
  tenant,
  actor: jane,
  outcome: 'ok',
  reason: null,
  ticket: null,
  networkKey: 'home',
  ...more,
});

const nobody = { kind: 'unknown', id: null } as const;

/** `count` events, `apart` minutes from each other. */
const several = (count: number, apart: number, more: (at: number) => Partial<Observed>) =>
  Array.from({ length: count }, (_, at) => event(at * apart, more(at)));

/** So many wrong passwords of different accounts that do not exist, from one network. */
const tried = (count: number, apart = 0.5) =>
  several(count, apart, (at) => ({
    actor: nobody,
    tenant: null,
    accountKey: `account-${String(at)}`,
    outcome: 'refused',
    networkKey: 'elsewhere',
  }));

const wrong = (count: number, apart = 1) =>
  several(count, apart, () => ({ type: 'auth', actor: credential, outcome: 'refused' }));

const used = (minutes: number, networkKey: string) =>
  event(minutes, { type: 'auth', actor: credential, networkKey });

/** For each rule: events in which it fires once, and events that are nearly the same, in which it does not. */
const cases: Readonly<Record<RuleName, { fires: Observed[]; silent: Observed[][] }>> = {
  'credential-stuffing': {
    fires: tried(10),
    silent: [
      tried(9),
      // Slower than 10 in 10 minutes.
      tried(20, 1.2),
      // The same account again and again.
      tried(20).map((one) => ({ ...one, accountKey: 'account' })),
      // An office whose people sign in at nine.
      several(20, 0.1, (at) => ({ actor: { kind: 'person', id: `person-${String(at)}` } })),
      // From different networks.
      tried(20).map((one, at) => ({ ...one, networkKey: `network-${String(at)}` })),
    ],
  },
  'guessed-secret': {
    fires: [...wrong(10), used(12, 'home')],
    silent: [
      // A client with an old password, which is corrected.
      [...wrong(9), used(12, 'home')],
      // Longer ago than a quarter of an hour.
      [...wrong(10), used(30, 'home')],
      // The attacker does not succeed.
      wrong(15),
      // Another credential succeeds.
      [...wrong(10), event(12, { type: 'auth', actor: { kind: 'credential', id: 'other' } })],
    ],
  },
  'credential-in-many-networks': {
    fires: [used(0, 'a'), used(3, 'b'), used(6, 'c')],
    silent: [
      [used(0, 'a'), used(3, 'b'), used(6, 'a'), used(7, 'b')],
      [used(0, 'a'), used(6, 'b'), used(12, 'c')],
    ],
  },
  'new-device': {
    fires: [event(0, { reason: 'new' })],
    silent: [[event(0)]],
  },
  'sending-volume': {
    fires: [event(0, { type: 'sending', actor: credential, reason: 'volume' })],
    silent: [[event(0, { type: 'sending', actor: credential, reason: 'bounces' })]],
  },
  'new-recipients': {
    fires: [event(0, { type: 'sending', actor: credential, reason: 'recipients' })],
    silent: [[event(0, { type: 'sending', actor: credential, reason: 'volume' })]],
  },
  'sending-bounces': {
    fires: [event(0, { type: 'sending', actor: credential, reason: 'bounces' })],
    silent: [[event(0, { type: 'sending', actor: credential, reason: 'volume' })]],
  },
  'factor-removed': {
    fires: [event(0, { type: 'factor_removed' })],
    silent: [
      [event(0, { type: 'factor_added' })],
      [event(0, { type: 'factor_removed', outcome: 'refused' })],
    ],
  },
  'role-raised': {
    fires: [event(0, { type: 'role_changed', reason: 'raised' })],
    silent: [[event(0, { type: 'role_changed', reason: 'lowered' })]],
  },
  'bulk-export': {
    fires: [event(0, { type: 'export_made' })],
    silent: [
      [event(0, { type: 'data_viewed' })],
      [event(0, { type: 'export_made', outcome: 'refused' })],
    ],
  },
  'operator-without-ticket': {
    fires: [event(0, { type: 'request_refused', actor: operator, reason: 'access' })],
    silent: [
      [event(0, { type: 'data_viewed', actor: operator, ticket: 'access' })],
      // A tenant reads its own data.
      [event(0, { type: 'data_viewed' })],
      [event(0, { type: 'request_refused', actor: operator, reason: 'fresh-factor' })],
    ],
  },
  'chain-broken': {
    fires: [event(0, { type: 'chain_broken', actor: nobody, tenant: null })],
    silent: [[event(0, { type: 'service_started', actor: nobody, tenant: null })]],
  },
  'many-data-requests': {
    fires: several(5, 5, () => ({ type: 'data_request' })),
    silent: [
      several(4, 5, () => ({ type: 'data_request' })),
      several(8, 20, () => ({ type: 'data_request' })),
    ],
  },
  'data-request-after-change': {
    fires: [event(0, { type: 'email_changed' }), event(60, { type: 'data_request' })],
    silent: [
      [event(0, { type: 'email_changed' }), event(4 * 24 * 60, { type: 'data_request' })],
      [
        event(0, { type: 'password_changed', actor: { kind: 'person', id: 'joe' } }),
        event(60, { type: 'data_request' }),
      ],
      [
        event(0, { type: 'password_changed', outcome: 'refused' }),
        event(1, { type: 'data_request' }),
      ],
    ],
  },
};

const findingsOf = (events: readonly Observed[]) => {
  const detector = createDetector();
  return events.flatMap((one) => detector.see(one));
};

describe.each(Object.keys(rules) as RuleName[])('the rule %s', (rule) => {
  const { fires, silent } = cases[rule];
  const found = (events: readonly Observed[]) =>
    findingsOf(events).filter((finding) => finding.rule === rule);

  test('fires once', () => {
    const last = fires.at(-1);
    expect(found(fires)).toMatchObject([{ event: last?.id, severity: rules[rule].severity }]);
  });

  test.each(silent.map((events, at) => ({ at, events })))('is silent, case $at', ({ events }) => {
    expect(found(events)).toEqual([]);
  });

  test('a memory as long as its span is enough: an older event changes nothing', () => {
    const last = fires.at(-1)?.at ?? 0;
    const needed = fires.filter(({ at }) => at >= last - rules[rule].span);
    expect(found(needed)).toHaveLength(1);
  });
});

test('an operator who saw data without an open access is a finding for that tenant', () => {
  const seen = event(0, { type: 'data_viewed', actor: operator });
  expect(findingsOf([seen])).toMatchObject([
    { rule: 'operator-without-ticket', severity: 'high', tenant, subject: 'olga' },
  ]);
});

test('a finding about several tenants names none of them', () => {
  expect(findingsOf(tried(10))).toMatchObject([{ tenant: null, subject: null, count: 10 }]);
});

test('a broken chain that logging and privacy find again and again is reported once an hour', () => {
  const times = [0, 1, 5, 10, 59, 61];
  const found = findingsOf(
    times.map((minutes, n) =>
      event(minutes, {
        type: n % 2 === 0 ? 'chain_broken' : 'chain_head_refused',
        actor: nobody,
        tenant: null,
      }),
    ),
  );
  expect(found.map(({ rule, at }) => [rule, (at - start) / minute])).toEqual([
    ['chain-broken', 0],
    ['chain-broken', 61],
  ]);
});

test('what goes on is reported once an hour', () => {
  const found = findingsOf(tried(400));
  expect(found.map(({ at }) => at)).toEqual(
    [0, 1, 2, 3].slice(0, found.length).map((n) => start + 4.5 * minute + n * quiet),
  );
  expect(found.length).toBe(4);
});

test('after a restart nothing is reported twice, and a finding has the same id', () => {
  const events = tried(12);
  const [before] = findingsOf(events);
  const restarted = createDetector();
  if (before === undefined) throw new Error('It was not found');
  restarted.remember(before);
  expect(events.flatMap((one) => restarted.see(one))).toEqual([]);
  expect(findingsOf(events)).toEqual([before]);
});

test('windows forget what is older than their span, and keep no more than their limit', () => {
  const windows = createWindows({ span: hour, limit: 3, keys: 2 });
  expect(windows.add('a', '1', start)).toBe(1);
  expect(windows.add('a', '1', start + 1)).toBe(1);
  expect(windows.add('a', '2', start + minute)).toBe(2);
  expect(windows.add('a', '3', start + minute)).toBe(3);
  expect(windows.add('a', '4', start + minute)).toBe(3);
  expect(windows.count('a', start + day)).toBe(0);
});

test('windows keep no more keys than they may, and drop the one that is unused for longest', () => {
  const windows = createWindows({ span: hour, limit: 3, keys: 2 });
  windows.add('a', '1', start);
  windows.add('b', '1', start);
  windows.add('a', '2', start);
  windows.add('c', '1', start);
  expect(windows.count('a', start)).toBe(2);
  expect(windows.count('b', start)).toBe(0);
});

test('a million events a day cost less than a thousandth of a core', () => {
  const count = 50_000;
  const detector = createDetector();
  const before = process.cpuUsage();
  for (let n = 0; n < count; n += 1) {
    const at = (n / count) * 24 * 60;
    const which = n % 1_000;
    const attacks = which < 100;
    detector.see(
      event(at, {
        type: 'auth',
        actor: attacks ? nobody : { kind: 'credential', id: `credential-${String(which)}` },
        ...(attacks && { accountKey: `account-${String(n)}` }),
        outcome: which < 150 ? 'refused' : 'ok',
        networkKey: attacks ? 'elsewhere' : `network-${String(which)}`,
      }),
    );
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = ((user + system) / 1e6) * (1_000_000 / count);
  expect(seconds / (day / 1_000)).toBeLessThan(0.001);
});
