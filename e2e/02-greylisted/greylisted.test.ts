import { randomUUID } from 'node:crypto';
import { eventually } from '@mysmtp/test-kit';
import { expect, test } from 'vitest';
import { usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStackTo } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';

/** Mail that an earlier scenario has left goes to others. */
const to = `reader-${randomUUID()}@example.net`;
const attempts: number[] = [];

/** The first retry of this stack is after three seconds. */
const { description, peer } = commonStackTo({
  onRcpt: (recipient) => {
    if (recipient !== to) return 'accept';
    attempts.push(Date.now());
    return attempts.length === 1
      ? { code: 451, text: `4.7.1 ${to}: greylisted, try again` }
      : 'accept';
  },
});

test('a 451 is retried after the delay, and the log shows both attempts', async () => {
  const session = await openSession(description());
  const { message } = testMessage(description().credential.from, [to], 2_000);
  expect((await session.submit(description().credential.from, [to], message)).code).toBe(250);
  session.quit();

  const deferred = await eventually(async () => {
    const rows = await usageLog(description());
    expect(rows).toMatchObject([{ status: 'deferred', recipient: to }]);
    return rows[0]!;
  });
  expect(Date.parse(deferred.nextAttemptAt ?? '')).toBeGreaterThan(Date.parse(deferred.acceptedAt));
  // A receiver's reply often repeats the address; the stored reply does not.
  expect(deferred.attempts).toMatchObject([{ enhancedCode: '4.7.1' }]);
  expect(deferred.attempts[0]?.reply).toContain('greylisted');
  expect(deferred.attempts[0]?.reply).not.toContain(to);

  const received = await eventually(() => {
    const found = peer().received.filter((mail) => mail.to.includes(to));
    expect(found).toHaveLength(1);
    return found;
  });
  expect(attempts).toHaveLength(2);
  expect(attempts[1]! - attempts[0]!).toBeGreaterThanOrEqual(2_000);
  await eventually(async () => {
    expect(await usageLog(description())).toMatchObject([
      { status: 'delivered', nextAttemptAt: null, attempts: [{}, { enhancedCode: null }] },
    ]);
  });
  expect(received[0]?.from).toBe(description().credential.from);
});
