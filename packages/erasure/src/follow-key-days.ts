import { exceedingKeys, internalApis, type KeyDays } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import { createBackoff, pause } from '@mysmtp/retry';
import type { ServiceContext } from '@mysmtp/service';

const delays = { first: 100, longest: 2_000 } as const;

/**
 * Periodically gets from privacy how long keys are kept. The result of the returned function is true if
 * this service keeps nothing for longer; it is false before the first answer. Each of its settings is a
 * readiness condition by name. `kept`: those settings, in milliseconds. `every`: milliseconds.
 */
export function followKeyDays(
  context: ServiceContext<unknown>,
  privacy: ServiceClient,
  kept: Readonly<Record<string, number>>,
  every = 60_000,
): () => boolean {
  const { name, log } = context;
  const stopping = context.manage(new AbortController(), (controller) => controller.abort());
  let exceeding: ReadonlySet<string> = new Set(Object.keys(kept));

  function take(days: KeyDays): void {
    const problems = exceedingKeys(name, kept, days);
    for (const problem of problems) log.error('config.exceeds_keys', { ...problem });
    exceeding = new Set(problems.map(({ setting }) => setting));
  }

  async function follow(): Promise<void> {
    const backoff = createBackoff(delays);
    while (!stopping.signal.aborted) {
      try {
        const days = await privacy.call(internalApis.keyDays, {});
        if (stopping.signal.aborted) return;
        take(days);
        backoff.reset();
        await pause(every, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn('config.not_compared', { error, peerService: 'privacy' });
        await backoff.wait(stopping.signal);
      }
    }
  }

  void follow();
  for (const setting of Object.keys(kept)) {
    context.readyWhen(setting, () => !exceeding.has(setting));
  }
  return () => exceeding.size === 0;
}
