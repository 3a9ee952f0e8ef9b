import { randomUUID } from 'node:crypto';
import { TenantUnavailable } from '@mysmtp/contracts';
import type { Pace } from '@mysmtp/service';
import type { RequestDocument } from '../requests/model.ts';
import { advance, type AdvanceDeps } from '../requests/advance.ts';

export const advanceRequestsPace: Pace = { busy: 500, idle: 5_000 };

/** How long a process that starts a turn excludes the others. */
const leaseTime = 60_000;

/** Requests that have a turn in one run, so that a list of thousands does not delay the others for long. */
const most = 500;
const atOnce = 20;

/** Pause after a turn. It grows with the time in the state. Milliseconds. */
const pauseIn = ({ since }: RequestDocument, now: number): number =>
  Math.min(Math.max(500, (now - since.getTime()) / 20), 60_000);

/** Advances each open request, in any process of privacy. Returns whether one is due soon. */
export function requestAdvance(deps: AdvanceDeps): () => Promise<boolean> {
  const { requests, clock, log } = deps;
  const { model } = requests;
  const lease = randomUUID();

  async function turn(_id: string): Promise<void> {
    const now = clock.now();
    const request = await model
      .findOneAndUpdate(
        { _id, $or: [{ lease: null }, { lease }, { leasedUntil: { $lt: new Date(now) } }] },
        { lease, leasedUntil: new Date(now + leaseTime) },
        { returnDocument: 'after' },
      )
      .lean();
    if (request === null || request.turnAt === null) return;
    const { turnAt } = request;
    try {
      await advance(request, deps);
    } catch (error) {
      // The tenant is being erased, and its requests with it.
      const isGone = error instanceof TenantUnavailable && !error.passes;
      if (!isGone) log.error('request.turn_failed', { object: _id, status: request.state, error });
    }
    // A change of state has set another time.
    const next = new Date(clock.now() + pauseIn(request, clock.now()));
    await model.updateOne({ _id, turnAt, state: request.state }, { turnAt: next });
    await model.updateOne({ _id, lease }, { lease: null, leasedUntil: null });
  }

  return async () => {
    const now = clock.now();
    const soon = await model
      .find({ turnAt: { $lte: new Date(now + advanceRequestsPace.idle) } }, { turnAt: 1 })
      .sort({ turnAt: 1 })
      .limit(most)
      .lean();
    const due = soon.filter(({ turnAt }) => turnAt !== null && turnAt.getTime() <= now);
    for (let at = 0; at < due.length; at += atOnce) {
      await Promise.all(due.slice(at, at + atOnce).map(({ _id }) => turn(_id)));
    }
    return soon.length > 0;
  };
}
