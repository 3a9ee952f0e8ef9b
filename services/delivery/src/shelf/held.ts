import { FencedError, type Gate } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import { openCase, type Case } from './case.ts';
import { createConclusion, type ConclusionSettings } from './conclude.ts';
import type { HeldReason, ShelfModel } from './document.ts';
import { advance, pendingRows } from './rows.ts';
import { justDue, slotOf } from './slots.ts';
import { heldForOperator } from './store.ts';
import type { Worker } from './worker.ts';

export interface HeldMessage {
  readonly id: string;
  readonly tenant: string;
  readonly acceptedAt: number;
  readonly heldAt: number;
  readonly reason: Exclude<HeldReason, 'canary'>;
  /** Recipients who are not final. */
  readonly recipients: number;
}

/**
 * Parked mail, and what an operator may do with it. Both answer false where it is not held (any more),
 * or its tenant is fenced; they pass the gate, and may throw a `NotCurrentError`.
 */
export interface Held {
  list(): Promise<HeldMessage[]>;
  /** Due at once, as if nothing had happened. */
  release(id: string): Promise<boolean>;
  /** The end for all who have not got it; the sender is told by nobody. */
  cancel(id: string): Promise<boolean>;
}

export interface HeldSettings extends ConclusionSettings {
  readonly model: ShelfModel;
  readonly gate: Gate;
  readonly worker: Pick<Worker, 'newClaim'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Longer lists are cut: the oldest first, the rest when those are dealt with. */
const most = 1_000;

export function createHeld(settings: HeldSettings): Held {
  const { model, shelf, durably, gate, worker, clock, log } = settings;
  const { conclude, tellChanged } = createConclusion(settings);

  async function settle(id: string, decide: (it: Case) => Promise<void>): Promise<boolean> {
    const found = await model.findOne({ _id: id, ...heldForOperator }, { tenant: 1 }).lean();
    if (found === null) return false;
    try {
      return await gate.pass(found.tenant, async () => {
        const claim = worker.newClaim();
        const document = await shelf.claimHeld(id, claim);
        if (document === undefined) return false;
        await decide(openCase({ document, claim }, shelf, durably));
        return true;
      });
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }

  async function release(it: Case): Promise<void> {
    const nextAt = justDue(clock.now());
    for (const row of pendingRows(it.rows)) {
      advance(row, 'deferred');
      it.unwritten.add(row);
      it.untold.add(row);
    }
    await it.write({ state: 'ready', slot: slotOf(nextAt), nextAt, handlings: 0 });
    tellChanged(it, nextAt);
    log.info('mail.released', { message: it.id, tenant: it.document.tenant });
  }

  async function cancel(it: Case): Promise<void> {
    for (const row of pendingRows(it.rows)) {
      advance(row, 'cancelled');
      it.unwritten.add(row);
    }
    log.info('mail.cancelled', { message: it.id, tenant: it.document.tenant });
    await conclude(it, it.document);
  }

  return {
    async list() {
      const found = await model
        .find({ ...heldForOperator, slot: { $gte: 0 } }, { content: 0 })
        .sort({ slot: 1 })
        .limit(most)
        .lean();
      return found.map(({ _id, tenant, acceptedAt, heldAt, reason, recipients }) => ({
        id: _id,
        tenant,
        acceptedAt,
        heldAt: heldAt ?? acceptedAt,
        reason: reason === 'unreadable' ? reason : 'handling_failed',
        recipients: pendingRows(recipients ?? []).length,
      }));
    },
    release: (id) => settle(id, release),
    cancel: (id) => settle(id, cancel),
  };
}
