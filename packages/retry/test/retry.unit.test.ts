import { describe, expect, test } from 'vitest';
import { createBackoff, retry } from '../src/index.ts';
import { delayAfter } from '../src/backoff.ts';

const soon = { first: 1, longest: 4 } as const;
/** Far longer than a test may take. */
const never = { first: 600_000, longest: 600_000 } as const;
const signal = new AbortController().signal;

/** Fails so many times, with errors that carry the number of the attempt. */
function failing(times: number) {
  const work = {
    attempts: 0,
    run: async (): Promise<string> => {
      work.attempts += 1;
      if (work.attempts <= times) throw new Error(`attempt ${String(work.attempts)}`);
      return 'done';
    },
  };
  return work;
}

describe('retry', () => {
  test('repeats until it succeeds, and reports each failure', async () => {
    const work = failing(3);
    const told: unknown[] = [];
    const onRetry = (error: unknown) => void told.push((error as Error).message);
    expect(await retry(work.run, { ...soon, signal, onRetry })).toBe('done');
    expect(work.attempts).toBe(4);
    expect(told).toEqual(['attempt 1', 'attempt 2', 'attempt 3']);
  });

  test('gives up at once if another attempt cannot help', async () => {
    const work = failing(1);
    const told: unknown[] = [];
    const options = { ...never, signal, shouldRetry: () => false, onRetry: () => told.push(1) };
    await expect(retry(work.run, options)).rejects.toThrow('attempt 1');
    expect(work.attempts).toBe(1);
    expect(told).toEqual([]);
  });

  test('ends its pause at the abort and rejects with the error of the attempt', async () => {
    const work = failing(1);
    const stopping = new AbortController();
    const options = { ...never, signal: stopping.signal, onRetry: () => stopping.abort() };
    await expect(retry(work.run, options)).rejects.toThrow('attempt 1');
    expect(work.attempts).toBe(1);
  });

  test('makes a last attempt after the abort if requested, and no other', async () => {
    for (const [failures, outcome] of [
      [1, 'done'],
      [9, 'attempt 2'],
    ] as const) {
      const work = failing(failures);
      const stopping = new AbortController();
      const onRetry = () => stopping.abort();
      const options = { ...never, signal: stopping.signal, lastAttempt: true, onRetry };
      expect(await retry(work.run, options).catch((error: Error) => error.message)).toBe(outcome);
      expect(work.attempts).toBe(2);
    }
  });

  test('makes one attempt although it was aborted before', async () => {
    const work = failing(1);
    await expect(retry(work.run, { ...never, signal: AbortSignal.abort() })).rejects.toThrow(
      'attempt 1',
    );
    expect(await retry(work.run, { ...never, signal: AbortSignal.abort() })).toBe('done');
  });

  test('keeps a result that arrives after the abort', async () => {
    const stopping = new AbortController();
    const work = async () => {
      stopping.abort();
      return 'written';
    };
    expect(await retry(work, { ...soon, signal: stopping.signal })).toBe('written');
  });

  test('is bounded by a timeout signal', async () => {
    const work = failing(1_000_000);
    await expect(retry(work.run, { ...soon, signal: AbortSignal.timeout(40) })).rejects.toThrow(
      /^attempt /,
    );
    expect(work.attempts).toBeGreaterThan(1);
  });
});

describe('pauses', () => {
  test('double from the first to the longest', () => {
    const whole = () => 1;
    const delays = [1, 2, 3, 4, 5].map((n) => delayAfter(n, { first: 100, longest: 1_000 }, whole));
    expect(delays).toEqual([100, 200, 400, 800, 1_000]);
    expect(delayAfter(5_000, { first: 100, longest: 1_000 }, whole)).toBe(1_000);
  });

  test('differ, between half of the time and all of it', () => {
    const delays = Array.from({ length: 200 }, () => delayAfter(1, { first: 100, longest: 100 }));
    expect(new Set(delays).size).toBeGreaterThan(100);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...delays)).toBeLessThanOrEqual(100);
  });

  test('begin again after a reset', async () => {
    const backoff = createBackoff({ first: 1, longest: 600_000 });
    for (let n = 0; n < 50; n += 1) {
      await backoff.wait(signal);
      backoff.reset();
    }
    const stopping = new AbortController();
    const second = createBackoff(never).wait(stopping.signal);
    stopping.abort();
    expect(await second).toBeUndefined();
  });
});
