import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats until it does not throw. It rejects with the error of the first attempt that has begun after `timeout`
 * milliseconds: one that began before, and was slow, may not have seen the latest state.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: { timeout?: number; every?: number } = {},
): Promise<T> {
  const { timeout = 15_000, every = 50 } = options;
  const deadline = Date.now() + timeout;
  for (;;) {
    const begun = Date.now();
    try {
      return await attempt();
    } catch (error) {
      if (begun > deadline) throw error;
      await sleep(every);
    }
  }
}
