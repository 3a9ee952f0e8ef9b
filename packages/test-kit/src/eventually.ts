import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it does not throw any more; after `timeout` milliseconds the last error stands. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  options: { timeout?: number; every?: number } = {},
): Promise<T> {
  const { timeout = 15_000, every = 50 } = options;
  const deadline = Date.now() + timeout;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(every);
    }
  }
}
