import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gate } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Claimed } from './case.ts';
import { createDueSlots } from './due-slots.ts';
import { createLane } from './lane.ts';
import type { Shelf } from './store.ts';

export interface WorkerSettings {
  readonly shelf: Shelf;
  readonly handle: (claimed: Claimed) => Promise<void>;
  readonly gate: Pick<Gate, 'isCurrent'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Messages from the shelf that this process holds at once (a slot more at most). */
  readonly window: number;
  /** How long a claim lasts unless it is renewed. */
  readonly lease: number;
}

/** Works on what is due, as much at a time as it has room for. */
export interface Worker {
  /** A claim of this process, never used twice. */
  newClaim(): string;
  /** Whether a message may be claimed for this process right now rather than left to whoever is free. */
  hasRoom(): boolean;
  /** Handles a message that is claimed already. Resolves when that is done. */
  take(claimed: Claimed): Promise<void>;
  readonly load: number;
  /** Claims nothing more and waits for what it holds. */
  stop(): Promise<void>;
}

const lookEvery = 1_000;

export function startWorker(settings: WorkerSettings): Worker {
  const { shelf, handle, gate, clock, log, window } = settings;
  const process = randomUUID();
  const lane = createLane();
  const held = new Map<Claimed, Promise<void>>();
  const due = createDueSlots(shelf, clock);
  const stopping = new AbortController();
  let claims = 0;
  let wake: (() => void) | undefined;

  const newClaim = (): string => `${process}:${String((claims += 1))}`;
  const hasRoom = (): boolean => held.size < window && gate.isCurrent() && !stopping.signal.aborted;

  function take(claimed: Claimed): Promise<void> {
    const { handlings } = claimed.document;
    const work = handlings === 0 ? handle(claimed) : lane.run(handlings, () => handle(claimed));
    const done = work.finally(() => {
      held.delete(claimed);
      wake?.();
    });
    held.set(claimed, done);
    return done;
  }

  async function claimNext(): Promise<boolean> {
    const slot = await due.next();
    if (slot === undefined) return false;
    const claim = newClaim();
    for (const document of await shelf.claimSlot(slot, claim)) void take({ document, claim });
    return true;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        if (hasRoom() && (await claimNext())) continue;
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

  const renewing = setInterval(() => {
    const ours = [...held.keys()].map(({ document, claim }) => ({ id: document._id, claim }));
    shelf.renew(ours).catch((error: unknown) => log.warn('shelf.renew_failed', { error }));
    // Several chances to renew before a claim counts as lost: a database may take ten seconds to fail over.
  }, settings.lease / 6).unref();
  const running = run();

  return {
    newClaim,
    hasRoom,
    take,
    get load() {
      return held.size;
    },
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(held.values());
      clearInterval(renewing);
    },
  };
}
