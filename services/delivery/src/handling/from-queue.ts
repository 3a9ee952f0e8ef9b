import type { Logger } from '@mysmtp/log';
import type { Tenants } from '@mysmtp/tenancy';
import { stateOf, type ShelfDocument } from '../shelf/document.ts';
import { keepInQueue, type Queue } from '../shelf/keeping.ts';
import type { Job, Work } from './work.ts';

/**
 * Works on a message of the deferred queue that this process has claimed. What cannot be written is
 * left to the process that finds the lost claim; what is of a fenced tenant stays as it is, for its
 * purge.
 */
export function createFromQueue(settings: {
  readonly queue: Queue;
  readonly work: (job: Job) => Work;
  readonly tenants: Pick<Tenants, 'run' | 'isCurrent' | 'fencedBy'>;
  readonly log: Logger;
}): (document: ShelfDocument, claim: string) => Promise<void> {
  const { queue, work, tenants, log } = settings;
  return async (document, claim) => {
    const state = stateOf(document);
    const { tenant } = state;
    const job = { state, content: document.content, keeping: keepInQueue(queue, state, claim) };
    try {
      // Not begun while a fence may have been missed, but given back.
      if (!tenants.isCurrent()) {
        await work({ ...job, input: { kind: 'failed', why: 'interrupted' } }).done;
      } else {
        await tenants.run(tenant, 'write', () => work({ ...job, input: { kind: 'begun' } }).done);
      }
    } catch (error) {
      if (tenants.fencedBy(tenant) !== undefined) return;
      log.warn('shelf.claim_lost', { message: state.id, error });
    } finally {
      job.keeping.release();
    }
  };
}
