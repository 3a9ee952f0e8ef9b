import { TenantUnavailable } from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { outcomeOf, PublishError } from '../src/index.ts';

class Refusal extends TenantUnavailable {
  constructor(reason: TenantUnavailable['reason'], passes: boolean, erasure?: string) {
    super('Not for a log', reason, passes, erasure);
  }
}

/** The outcome for the message, and the erasures for which it was counted before. */
async function settle(error: unknown): Promise<{ outcome: string; counted: string[] }> {
  const counted: string[] = [];
  const outcome = await outcomeOf(error, async (erasure) => void counted.push(erasure));
  return { outcome, counted };
}

test('a message of a tenant that is fenced here is counted and acknowledged', async () => {
  expect(await settle(new Refusal('fenced', false, 'e1'))).toEqual({
    outcome: 'ack',
    counted: ['e1'],
  });
});

test('a message that cannot be counted is not acknowledged', async () => {
  const failing = outcomeOf(new Refusal('fenced', false, 'e1'), async () => {
    throw new Error('The database is away');
  });
  await expect(failing).rejects.toThrow('The database is away');
});

test.each([
  ['stale', true, 'retry'],
  ['keys', true, 'retry'],
  ['unknown', true, 'retry'],
  // The fence has not arrived yet: a drop before it would not be counted.
  ['fenced', false, 'retry'],
  ['keys', false, 'dead'],
  ['erased', false, 'dead'],
] as const)('%s (passes: %s) → %s, and nothing is counted', async (reason, passes, outcome) => {
  expect(await settle(new Refusal(reason, passes))).toEqual({ outcome, counted: [] });
});

test('any other error is thrown on', async () => {
  const error = new PublishError('unavailable');
  await expect(settle(error)).rejects.toBe(error);
});
