import type { Outcome } from '@mysmtp/broker';
import { timeOfMessageId } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';

/**
 * Messages of this process, under way and just done. When the connection to the broker breaks, all
 * that was not acknowledged is handed out again although it is still being delivered here: it must
 * not go out twice for that.
 */
export interface Recent {
  /** Runs `work` unless the same message is under way or done: then its outcome is the outcome. */
  once(id: string, work: () => Promise<Outcome>): Promise<Outcome>;
  /** Messages under way. */
  readonly size: number;
  /** Milliseconds since the oldest of them was accepted; 0 where there is none. */
  oldestAge(): number;
  /** The broker begins to hand out to this process, at the start and after every break. */
  begin(): void;
  /** Since when it has been handing out without a break and no old message was under way. */
  youngSince(): number;
}

/** The broker hands out again within seconds; at the highest rates this is some ten seconds' worth. */
const remembered = 20_000;

/** `oldAfter`: milliseconds from its acceptance until a message is old. */
export function createRecent(clock: Clock, oldAfter: number): Recent {
  const underWay = new Map<string, Promise<Outcome>>();
  let done = new Set<string>();
  let doneBefore = new Set<string>();
  let youngSince = clock.now();

  const isOld = (id: string): boolean => clock.now() - timeOfMessageId(id) >= oldAfter;

  function remember(id: string): void {
    if (done.size >= remembered) {
      doneBefore = done;
      done = new Set();
    }
    done.add(id);
  }

  async function run(id: string, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      const outcome = await work();
      if (outcome === 'ack') remember(id);
      return outcome;
    } finally {
      underWay.delete(id);
      if (isOld(id)) youngSince = clock.now();
    }
  }

  return {
    once(id, work) {
      const same = underWay.get(id);
      if (same !== undefined) return same;
      if (done.has(id) || doneBefore.has(id)) return Promise.resolve('ack');
      const running = run(id, work);
      underWay.set(id, running);
      return running;
    },
    get size() {
      return underWay.size;
    },
    oldestAge() {
      const now = clock.now();
      const ages = [...underWay.keys()].map((id) => now - timeOfMessageId(id));
      return Math.max(0, ...ages);
    },
    begin() {
      youngSince = clock.now();
    },
    youngSince: () => ([...underWay.keys()].some(isOld) ? clock.now() : youngSince),
  };
}
