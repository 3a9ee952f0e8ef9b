import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { destroyDueRoots, prepareDayRoots } from '../keyring/day-roots.ts';
import type { KeyringMetrics } from '../keyring/metrics.ts';
import { finishEpochs } from '../tenants/rotate-epoch.ts';

type RotateDeps = Parameters<typeof destroyDueRoots>[0] &
  Parameters<typeof finishEpochs>[0] & { metrics: KeyringMetrics; clock: Clock; log: Logger };

/**
 * The scheduled job of the keyring: makes tomorrow's roots, destroys those of past days, updates the
 * metrics.
 */
export async function rotateRoots(deps: RotateDeps): Promise<void> {
  await prepareDayRoots(deps);
  const { kept, doubt } = await destroyDueRoots(deps);
  deps.metrics.doubted(doubt !== undefined);
  await finishEpochs(deps);
  deps.metrics.counted(await deps.roots.active(), kept, deps.clock.now());
}
