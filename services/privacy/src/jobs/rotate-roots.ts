import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { destroyDueRoots, prepareDayRoots } from '../keyring/day-roots.ts';
import type { KeyringMetrics } from '../keyring/metrics.ts';
import { finishEpochs } from '../tenants/rotate-epoch.ts';

type Means = Parameters<typeof destroyDueRoots>[0] &
  Parameters<typeof finishEpochs>[0] & { metrics: KeyringMetrics; clock: Clock; log: Logger };

/** The clockwork of the keyring: tomorrow's roots made, dead days destroyed, the rest counted. */
export async function rotateRoots(means: Means): Promise<void> {
  await prepareDayRoots(means);
  const { kept, doubt } = await destroyDueRoots(means);
  means.metrics.doubted(doubt !== undefined);
  await finishEpochs(means);
  means.metrics.counted(await means.roots.living(), kept, means.clock.now());
}
