import type { Fence } from '@mysmtp/contracts';
import type { Ledger } from './ledger.ts';

/** Longer than anything of a tenant may wait anywhere: mail and its keys live for days. */
const remembered = 30 * 86_400_000;

/** The fences that every process has to know, those of finished erasures for a while included. */
export async function standingFences(ledger: Ledger, clock: { now(): number }): Promise<Fence[]> {
  const found = await ledger
    .find(
      {
        step: { $ne: 'planting' },
        $or: [{ completedAt: null }, { completedAt: { $gt: new Date(clock.now() - remembered) } }],
      },
      { tenant: 1 },
    )
    .lean();
  return found.map(({ _id: erasure, tenant }) => ({ erasure, tenant }));
}
