import { setTimeout as sleep } from 'node:timers/promises';
import { exceedingKeys, internalApis, type KeyDays } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import type { House } from '@mysmtp/service';

const firstPause = 100;
const longestPause = 2_000;

/**
 * Asks privacy for how long keys live, now and then again, and tells whether this service keeps
 * nothing for longer; false before the first answer. Each of its settings is a condition of readiness
 * by name. `kept`: those settings, in milliseconds. `every`: milliseconds.
 */
export function followKeyDays(
  house: House<unknown>,
  privacy: ServiceClient,
  kept: Readonly<Record<string, number>>,
  every = 60_000,
): () => boolean {
  const { name, log } = house;
  const stopping = house.own(new AbortController(), (controller) => controller.abort());
  let exceeding: ReadonlySet<string> = new Set(Object.keys(kept));

  function take(days: KeyDays): void {
    const problems = exceedingKeys(name, kept, days);
    for (const problem of problems) log.error('config.exceeds_keys', { ...problem });
    exceeding = new Set(problems.map(({ setting }) => setting));
  }

  async function follow(): Promise<void> {
    for (let pause = firstPause; !stopping.signal.aborted;) {
      try {
        const days = await privacy.call(internalApis.keyDays, {});
        if (stopping.signal.aborted) return;
        take(days);
        pause = every;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn('config.not_compared', { error, peerService: 'privacy' });
        pause = Math.min(pause * 2, longestPause);
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  void follow();
  for (const setting of Object.keys(kept)) {
    house.readyWhen(setting, () => !exceeding.has(setting));
  }
  return () => exceeding.size === 0;
}
