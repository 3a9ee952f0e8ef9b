import { randomUUID } from 'node:crypto';
import type { Registry } from 'prom-client';
import type { ErasureDocument } from '../erasures/ledger.ts';
import { createErasureMetrics } from '../erasures/metrics.ts';
import type { SagaMeans } from '../erasures/means.ts';
import { advance } from '../erasures/saga.ts';

/** How often erasures are looked at. Milliseconds. */
export const advancePeriod = 500;

/** How long a process that begins a turn keeps the others from the same; after it they may all the same. */
const claimLife = 5_000;

/**
 * How long an erasure is left alone after a look at it. A step that has taken long, a purge of a million
 * rows or a store that is away, is not worth a look at every turn. Milliseconds.
 */
function pauseIn({ since }: ErasureDocument, now: number): number {
  return Math.min((now - since.getTime()) / 20, 5_000);
}

/** Each erasure that is open goes on, in whichever process of privacy comes first. */
export function erasureAdvance(means: SagaMeans, metrics: Registry): () => Promise<void> {
  const { ledger, clock, log } = means;
  const claim = randomUUID();
  const gauges = createErasureMetrics(metrics, clock);
  /** When each that is open was looked at last. */
  let looked = new Map<string, number>();

  return async () => {
    const open = await ledger
      .find({ step: { $ne: 'completed_live' } })
      .sort({ requestedAt: 1 })
      .lean();
    const now = clock.now();
    gauges.looked(open, await ledger.countDocuments({ step: 'completed_live' }));
    const before = looked;
    looked = new Map();
    const turns: Promise<void>[] = [];
    for (const erasure of open) {
      const last = before.get(erasure._id) ?? 0;
      const isDue = now - last >= pauseIn(erasure, now);
      looked.set(erasure._id, isDue ? now : last);
      if (isDue) turns.push(turn(erasure._id));
    }
    await Promise.all(turns);
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
