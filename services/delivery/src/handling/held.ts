import { actorText, isUnavailable, type Actor } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { isPending, type HeldReason, type Input } from '../core/state.ts';
import { stateOf, type ShelfModel } from '../shelf/document.ts';
import { keepInQueue, type Queue } from '../shelf/keeping.ts';
import { heldForOperator } from '../shelf/store.ts';
import type { Job, Work } from './work.ts';

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
 * or its tenant is fenced; they throw a `TenantUnavailable` if this process may not write now.
 */
export interface Held {
  list(): Promise<HeldMessage[]>;
  /** Due at once, as if nothing had happened. */
  release(actor: Actor, id: string): Promise<boolean>;
  /** The end for all who have not got it; the sender is told by nobody. */
  cancel(actor: Actor, id: string): Promise<boolean>;
}

export interface HeldSettings {
  readonly model: ShelfModel;
  readonly queue: Queue;
  readonly work: (job: Job) => Work;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly log: Logger;
}

/** Longer lists are cut: the oldest first, the rest when those are dealt with. */
const most = 1_000;

export function createHeld({ model, queue, work, tenants, log }: HeldSettings): Held {
  async function settle(actor: Actor, id: string, event: string, input: Input): Promise<boolean> {
    const found = await model.findOne({ _id: id, ...heldForOperator }, { tenant: 1 }).lean();
    if (found === null) return false;
    const { tenant } = found;
    try {
      return await tenants.run(tenant, 'write', async () => {
        const claim = queue.claims.create();
        const document = await queue.shelf.claimHeld(id, claim);
        if (document === undefined) return false;
        log.info(event, { actor: actorText(actor), message: id, tenant });
        const state = stateOf(document);
        const keeping = keepInQueue(queue, state, claim);
        await work({ state, content: document.content, keeping, input }).done;
        return true;
      });
    } catch (error) {
      if (isUnavailable(error, 'fenced')) return false;
      throw error;
    }
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
        recipients: (recipients ?? []).filter(isPending).length,
      }));
    },
    release: (actor, id) => settle(actor, id, 'mail.released', { kind: 'released' }),
    cancel: (actor, id) => settle(actor, id, 'mail.cancelled', { kind: 'cancelled' }),
  };
}
