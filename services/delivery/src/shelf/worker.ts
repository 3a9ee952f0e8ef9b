import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { Claims } from './claims.ts';
import type { ShelfDocument } from './document.ts';
import { createDueSlots } from './due-slots.ts';
import { createLane } from './lane.ts';
import { mostAtOnce, type Shelf } from './store.ts';

export interface WorkerSettings {
  readonly shelf: Shelf;
  readonly claims: Claims;
  /** Never rejects. */
  readonly handle: (document: ShelfDocument, claim: string) => Promise<void>;
  readonly tenants: Pick<Tenants, 'isCurrent'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Works on what is due, as much at a time as there is room for (a slot more at most). */
export interface Worker {
  /** Claims nothing more and waits for what it has in hand. */
  stop(): Promise<void>;
}

const lookEvery = 1_000;

export function startWorker(settings: WorkerSettings): Worker {
  const { shelf, claims, handle, tenants, clock, log } = settings;
  const lane = createLane();
  const running = new Set<Promise<void>>();
  const due = createDueSlots(shelf, clock);
  const stopping = new AbortController();
  let wake: (() => void) | undefined;

  function take(document: ShelfDocument, claim: string): void {
    // From now on, and not only from the end of the lane.
    claims.hold(document._id, claim);
    const { handlings } = document;
    const work = () => handle(document, claim);
    const done = (handlings === 0 ? work() : lane.run(handlings, work)).finally(() => {
      running.delete(done);
      wake?.();
    });
    running.add(done);
  }

  async function claimNext(): Promise<boolean> {
    const slot = await due.next();
    if (slot === undefined) return false;
    const claim = claims.create();
    const documents = await shelf.claimSlot(slot, claim);
    if (documents.length === mostAtOnce) due.again(slot);
    for (const document of documents) take(document, claim);
    return true;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (claims.hasRoom() && tenants.isCurrent() && (await claimNext())) continue;
      } catch (error) {
        log.warn('shelf.claim_failed', { error });
      }
      // Until there is room or something may have become due.
      await Promise.race([
        new Promise<void>((resolve) => (wake = resolve)),
        sleep(lookEvery, undefined, { signal: stopping.signal }).catch(() => undefined),
      ]);
    }
  }
  const looking = run();

  return {
    async stop() {
      stopping.abort();
      await looking;
      await Promise.all(running);
    },
  };
}
