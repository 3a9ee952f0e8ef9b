import { actorText, isUnavailable, type Actor } from '@mysmtp/contracts';
import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { isPending, type HeldReason, type Input } from '../core/state.ts';
import { stateOf, type DeferredModel } from '../deferred/document.ts';
import { persistInQueue, type DeferredQueue } from '../deferred/persistence.ts';
import { heldForOperator } from '../deferred/store.ts';
import type { Job, HandlerRun } from './handler.ts';

export interface HeldMessage {
  readonly id: string;
  readonly tenant: string;
  readonly acceptedAt: number;
  readonly heldAt: number;
  readonly reason: Exclude<HeldReason, 'canary'>;
  /** Number of recipients that are not final. */
  readonly recipients: number;
}

/**
 * Held mail and the actions of operators. `release` and `cancel` return false if the message is not held (any
 * more), or its tenant is fenced. They throw a `TenantUnavailable` if this process may not write now.
 */
export interface HeldMail {
  list(): Promise<HeldMessage[]>;
  /** Makes the message due at once and resets its handling count. */
  release(actor: Actor, id: string): Promise<boolean>;
  /** Cancels delivery to all pending recipients. No DSN is sent. */
  cancel(actor: Actor, id: string): Promise<boolean>;
}

export interface HeldMailDeps {
  readonly model: DeferredModel;
  readonly queue: DeferredQueue;
  readonly work: (job: Job) => HandlerRun;
  readonly tenants: Pick<Tenants, 'run'>;
  readonly log: Logger;
}

/** Most entries of the list, which has the oldest first. The rest appears when these are settled. */
const most = 1_000;

export function createHeldMail({ model, queue, work, tenants, log }: HeldMailDeps): HeldMail {
  async function settle(actor: Actor, id: string, event: string, input: Input): Promise<boolean> {
    const found = await model.findOne({ _id: id, ...heldForOperator }, { tenant: 1 }).lean();
    if (found === null) return false;
    const { tenant } = found;
    try {
      return await tenants.run(tenant, 'write', async () => {
        const lease = queue.leases.create();
        const document = await queue.store.leaseHeld(id, lease);
        if (document === undefined) return false;
        log.info(event, { actor: actorText(actor), message: id, tenant });
        const state = stateOf(document);
        const persistence = persistInQueue(queue, state, lease);
        await work({ state, content: document.content, persistence, input }).done;
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
        .find({ ...heldForOperator, bucket: { $gte: 0 } }, { content: 0 })
        .sort({ bucket: 1 })
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
