import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats until it does not throw; after `timeout` milliseconds it rejects with the last error. */
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
