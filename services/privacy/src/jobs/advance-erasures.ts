import { randomUUID } from 'node:crypto';
import { minute } from '@mysmtp/contracts';
import type { Pace } from '@mysmtp/service';
import type { Registry } from 'prom-client';
import type { ErasureDocument } from '../erasures/ledger.ts';
import { createErasureMetrics } from '../erasures/metrics.ts';
import type { SagaDeps } from '../erasures/deps.ts';
import { advance } from '../erasures/saga.ts';

/** How long a process that starts a turn excludes the others. After that they may start one too. */
const leaseTime = 5_000;

/**
 * An open erasure of another process is found before its lease can be over, so no erasure waits longer for a
 * process that crashed.
 */
export const advancePace = (busy: number): Pace => ({ busy, idle: leaseTime });

/**
 * How many persons are erased at a time. Each takes a broadcast to all processes and a planted message, and one
 * request may be about thousands of addresses. Those that wait have not begun.
 */
const personsAtOnce = 20;

/**
 * Pause after a turn of an erasure. It grows with the time in the step: a purge of a million rows, or a
 * store that is away, is not worth a check in every run. Milliseconds.
 */
function pauseIn({ since }: ErasureDocument, now: number): number {
  return Math.min((now - since.getTime()) / 20, 5_000);
}

/** Advances each open erasure, in any process of privacy. Returns whether there is one. */
export function erasureAdvance(deps: SagaDeps, metrics: Registry): () => Promise<boolean> {
  const { ledger, clock, log } = deps;
  const lease = randomUUID();
  const gauges = createErasureMetrics(metrics, clock);
  /** When each open erasure had its last turn. */
  let lastTurns = new Map<string, number>();
  let completed = { count: 0, countedAt: Number.NEGATIVE_INFINITY };

  return async () => {
    const open = await ledger
      .find({ step: { $ne: 'completed_live' } })
      .sort({ requestedAt: 1 })
      .lean();
    const now = clock.now();
    const before = lastTurns;
    // An erasure that was completed, perhaps by another process, is not open any more.
    const isOneGone = [...before.keys()].some((id) => !open.some(({ _id }) => _id === id));
    if (isOneGone || now - completed.countedAt >= minute) {
      const count = await ledger.countDocuments({ step: 'completed_live' });
      completed = { count, countedAt: now };
    }
    gauges.update(open, completed.count);
    lastTurns = new Map();
    const turns: Promise<void>[] = [];
    let persons = 0;
    for (const erasure of open) {
      if (erasure.subject.kind === 'person' && (persons += 1) > personsAtOnce) continue;
      const last = before.get(erasure._id) ?? 0;
      const isDue = now - last >= pauseIn(erasure, now);
      lastTurns.set(erasure._id, isDue ? now : last);
      if (isDue) turns.push(turn(erasure._id));
    }
    await Promise.all(turns);
    return open.length > 0;
  };

  async function turn(_id: string): Promise<void> {
    const now = clock.now();
    const erasure = await ledger
      .findOneAndUpdate(
        { _id, $or: [{ lease: null }, { lease }, { leasedUntil: { $lt: new Date(now) } }] },
        { lease, leasedUntil: new Date(now + leaseTime) },
        { returnDocument: 'after' },
      )
      .lean();
    if (erasure === null) return;
    try {
      await advance(erasure, deps);
    } catch (error) {
      log.error('erasure.turn_failed', { erasure: _id, status: erasure.step, error });
    }
  }
}
