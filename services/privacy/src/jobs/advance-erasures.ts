import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import { createErasureMetrics } from '../erasures/metrics.ts';
import type { SagaMeans } from '../erasures/means.ts';
import { advance } from '../erasures/saga.ts';

/** How often erasures are looked at. Milliseconds. */
export const advancePeriod = 500;

/** How long a process that begins a turn keeps the others from the same; after it they may all the same. */
const claimLife = 5_000;

/** Each erasure that is open goes on, in whichever process of privacy comes first. */
export function erasureAdvance(means: SagaMeans, metrics: Registry): () => Promise<void> {
  const { ledger, clock, log } = means;
  const claim = randomUUID();
  const gauges = createErasureMetrics(metrics);

  return async () => {
    const open = await ledger
      .find({ step: { $ne: 'completed_live' } })
      .sort({ requestedAt: 1 })
      .lean();
    gauges.looked(open, await ledger.countDocuments({ step: 'completed_live' }), clock.now());
    await Promise.all(open.map(({ _id }) => turn(_id)));
  };

  async function turn(_id: string): Promise<void> {
    const now = clock.now();
    const erasure = await ledger
      .findOneAndUpdate(
        { _id, $or: [{ claim: null }, { claim }, { claimedUntil: { $lt: new Date(now) } }] },
        { claim, claimedUntil: new Date(now + claimLife) },
        { returnDocument: 'after' },
      )
      .lean();
    if (erasure === null) return;
    try {
      await advance(erasure, means);
    } catch (error) {
      log.error('erasure.turn_failed', { erasure: _id, status: erasure.step, error });
    }
  }
}
