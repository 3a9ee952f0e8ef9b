import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { stateOf, type DeferredDocument } from '../deferred/document.ts';
import { persistInQueue, type DeferredQueue } from '../deferred/persistence.ts';
import type { Job, HandlerRun } from './handler.ts';

/**
 * Works on a message of the deferred queue that this process has leased. If the state cannot be written,
 * another process resumes the message when the lease expires. Messages of a fenced tenant stay unchanged for
 * the purge.
 */
export function createFromQueue(deps: {
  readonly queue: DeferredQueue;
  readonly work: (job: Job) => HandlerRun;
  readonly tenants: Pick<Tenants, 'run' | 'isCurrent' | 'fencedBy'>;
  readonly log: Logger;
}): (document: DeferredDocument, lease: string) => Promise<void> {
  const { queue, work, tenants, log } = deps;
  return async (document, lease) => {
    const state = stateOf(document);
    const { tenant } = state;
    const job = {
      state,
      content: document.content,
      persistence: persistInQueue(queue, state, lease),
    };
    try {
      // If a fence may have been missed, the message is given back and not handled.
      if (!tenants.isCurrent()) {
        await work({ ...job, input: { kind: 'failed', why: 'interrupted' } }).done;
      } else {
        await tenants.run(tenant, 'handle', () => work({ ...job, input: { kind: 'begun' } }).done);
      }
    } catch (error) {
      if (tenants.fencedBy(tenant) !== undefined) return;
      log.warn('deferred.lease_lost', { message: state.id, error });
    } finally {
      job.persistence.release();
    }
  };
}
