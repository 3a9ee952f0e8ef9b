import { day, hour, minute, plans, type Limits } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { Account } from '../src/quotas/account.ts';
import { refusalFor } from '../src/quotas/refusals.ts';
import { periodsAt } from '../src/quotas/windows.ts';

const now = Date.UTC(2026, 1, 28, 23, 30);

const accountWith = (limits: Partial<Limits>): Account =>
  new Account('t', 't', { ...plans.large, ...limits }, now);

/** Accepts messages until one is refused; returns their number. */
function fill(account: Account, processes: number, at = now): number {
  for (let count = 0; ; count += 1) {
    if (account.exceeded(1, 1_000, at, processes) !== undefined) return count;
    account.count(1, 1_000, 1);
  }
}

test('windows are UTC hours, days and months', () => {
  const iso = (at: number) => new Date(at).toISOString();
  expect(periodsAt(now).map(({ start, end }) => [iso(start), iso(end)])).toEqual([
    ['2026-02-28T23:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2026-02-28T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
  ]);
});

test('exactly the limit is accepted, and the next window begins from zero', () => {
  const account = accountWith({ messagesPerHour: 5 });
  expect(fill(account, 1)).toBe(5);
  expect(account.exceeded(1, 1_000, now, 1)).toEqual({
    name: 'messagesPerHour',
    limit: 5,
    end: now + 30 * minute,
    passes: true,
  });
  expect(fill(account, 1, now + hour)).toBe(5);
});

test('the day and the month end later than the hour', () => {
  const start = now - day;
  const account = new Account('t', 't', { ...plans.large, messagesPerDay: 5 }, start);
  expect(fill(account, 1, start)).toBe(5);
  expect(fill(account, 1, start + 29 * minute)).toBe(0);
  expect(fill(account, 1, start + hour)).toBe(5);
});

test('a process uses its share of what is left', () => {
  const account = accountWith({ recipientsPerDay: 10 });
  expect(fill(account, 3)).toBe(4);
  account.send(now);
  const counts = periodsAt(now).map(({ start }) => ({ start, counts: [8, 8, 8_000] }));
  account.written(counts);
  // Two are left, for three processes: one for each, because a share is rounded up.
  expect(fill(account, 3)).toBe(1);
  // The others have ended.
  expect(fill(account, 1)).toBe(1);
});

test('a message that fits into the limit but not into the share is accepted once', () => {
  const account = accountWith({ recipientsPerHour: 100 });
  expect(account.exceeded(80, 0, now, 4)).toBeUndefined();
  account.count(80, 0, 1);
  expect(account.exceeded(20, 0, now, 4)).toMatchObject({
    name: 'recipientsPerHour',
    passes: true,
  });
});

test('counts that could not be written are kept, and counted again', () => {
  const account = accountWith({ messagesPerHour: 5 });
  account.count(1, 1, 1);
  account.send(now);
  account.count(1, 1, 1);
  account.notWritten();
  expect(account.isUsed).toBe(true);
  expect(account.send(now)[0]?.counts).toEqual([2, 2, 2]);
});

test('a message that is taken back is not counted', () => {
  const account = accountWith({ messagesPerHour: 1 });
  account.count(3, 500, 1);
  account.count(3, 500, -1);
  expect(account.uses(now).every(({ used }) => used === 0)).toBe(true);
});

test('counts of an old window say nothing about the current one', () => {
  const account = accountWith({});
  const [hourly, daily, monthly] = periodsAt(now);
  const counts = [9, 9, 9];
  account.learn([
    { start: (hourly?.start ?? 0) - hour, counts },
    { start: daily?.start ?? 0, counts },
    { start: monthly?.start ?? 0, counts },
  ]);
  const used = Object.fromEntries(account.uses(now).map((use) => [use.name, use.used]));
  expect(used).toMatchObject({ messagesPerHour: 0, messagesPerDay: 9, octetsPerMonth: 9 });
});

test('a refusal names the limit and its end', () => {
  const account = accountWith({ messagesPerHour: 0, recipientsPerDay: 10, octetsPerMonth: 2_000 });
  expect(
    refusalFor({ name: 'credentialMessagesPerDay', limit: 7, end: now, passes: true }),
  ).toEqual({
    code: 451,
    enhanced: '4.7.1',
    text: 'The limit of messages in a day (7) is reached for this credential, try again after 2026-02-28T23:30Z',
    reason: 'credentialMessagesPerDayLimit',
  });
  const never = account.exceeded(1, 0, now, 1);
  expect(never).toMatchObject({ name: 'messagesPerHour', passes: false });
  const replies = (['messagesPerHour', 'recipientsPerDay', 'octetsPerMonth'] as const).map(
    (name) => {
      const { code, enhanced } = refusalFor({ name, limit: 1, end: now, passes: false });
      return `${String(code)} ${enhanced}`;
    },
  );
  expect(replies).toEqual(['554 5.7.1', '554 5.5.3', '552 5.3.4']);
});
