import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Tenants } from '@mysmtp/tenancy';
import type { Leases } from './leases.ts';
import type { DeferredDocument } from './document.ts';
import { createDueBuckets } from './due-buckets.ts';
import { createPoisonLimiter } from './poison-limiter.ts';
import { mostAtOnce, type DeferredStore } from './store.ts';

export interface WorkerDeps {
  readonly deferred: DeferredStore;
  readonly leases: Leases;
  /** Never rejects. */
  readonly handle: (document: DeferredDocument, lease: string) => Promise<void>;
  readonly tenants: Pick<Tenants, 'isCurrent'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Works on due messages, as many in parallel as the window allows (at most one bucket more). */
export interface Worker {
  /** Leases nothing more and waits for the leased messages. */
  stop(): Promise<void>;
}

const lookEvery = 1_000;

export function startWorker(deps: WorkerDeps): Worker {
  const { deferred, leases, handle, tenants, clock, log } = deps;
  const limiter = createPoisonLimiter();
  const running = new Set<Promise<void>>();
  const due = createDueBuckets(deferred, clock);
  const stopping = new AbortController();
  let wake: (() => void) | undefined;

  function take(document: DeferredDocument, lease: string): void {
    // Held from now on, and not only after the wait in the poison limiter.
    leases.hold(document._id, lease);
    const { unfinishedHandlings } = document;
    const work = () => handle(document, lease);
    const done = (
      unfinishedHandlings === 0 ? work() : limiter.run(unfinishedHandlings, work)
    ).finally(() => {
      running.delete(done);
      wake?.();
    });
    running.add(done);
  }

  async function leaseNext(): Promise<boolean> {
    const bucket = await due.next();
    if (bucket === undefined) return false;
    const lease = leases.create();
    const documents = await deferred.leaseBucket(bucket, lease);
    if (documents.length === mostAtOnce) due.again(bucket);
    for (const document of documents) take(document, lease);
    return true;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (leases.hasRoom() && tenants.isCurrent() && (await leaseNext())) continue;
      } catch (error) {
        log.warn('deferred.lease_failed', { error });
      }
      // Until there is room, or messages may have become due.
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
