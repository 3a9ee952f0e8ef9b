import type { Outcome } from '@mysmtp/broker';
import { timeOfMessageId } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';

/**
 * Messages of this process that are in flight or were just completed. When the connection to the broker
 * breaks, the broker redelivers every unacknowledged message, although this process may still deliver
 * it. This prevents a second delivery.
 */
export interface InFlightMessages {
  /** Runs `work`. If the same message is in flight or completed, returns the outcome of that run instead. */
  deduplicate(id: string, work: () => Promise<Outcome>): Promise<Outcome>;
  /** Messages in flight. */
  readonly size: number;
  /** Milliseconds since the oldest message in flight was accepted; 0 if there is none. */
  oldestAge(): number;
  /** Called when the broker begins to deliver to this process: at the start and after every break. */
  begin(): void;
  /** Since when the broker has delivered without a break and no old message was in flight. */
  youngSince(): number;
}

/** The broker redelivers within seconds. At the highest rates this number covers about ten seconds. */
const remembered = 20_000;

/** `oldAfter`: milliseconds after its acceptance from which a message is old. */
export function createInFlightMessages(clock: Clock, oldAfter: number): InFlightMessages {
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

  function end(id: string): void {
    underWay.delete(id);
    if (isOld(id)) youngSince = clock.now();
  }

  return {
    deduplicate(id, work) {
      const same = underWay.get(id);
      if (same !== undefined) return same;
      if (done.has(id) || doneBefore.has(id)) return Promise.resolve('ack');
      const running = work().then(
        (outcome) => {
          end(id);
          if (outcome === 'ack') remember(id);
          return outcome;
        },
        (error: unknown) => {
          end(id);
          throw error;
        },
      );
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
