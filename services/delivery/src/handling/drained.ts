import type { Consumer } from '@mysmtp/broker';
import { minute, type InHand } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';

/** The queue at a moment when nothing waited in it. */
interface EmptySight {
  readonly at: number;
  readonly consumers: number;
}

const day = 1_440 * minute;

/** Mail of this age is old: far more than any submission takes, far less than a key lives. */
export const oldAfter = day;

/** More than clocks differ, and more than a message may be on its way to a process that is alive. */
const around = 5 * minute;

/** How long a sight is of use: what proves it comes within `around` and a look or two. */
const sightLife = 3 * around;

/**
 * Up to which moment of acceptance all mail has left the broker. What has not left it waits in the
 * queue, is on its way to a process or in the hands of one, and may go back and forth between them.
 * The broker tells how many messages wait and how many consumers it has, not what those hold. So
 * each process says in its heartbeats since when it has taken from the queue without a break and held
 * nothing old. If nothing waited at a moment, and as many processes as there were consumers held nothing
 * old before and after it, no old mail was with the broker at that moment. Nor does any come later:
 * ingress takes minutes from acceptance to publishing, not a day. So this stays true once known.
 *
 * Who lives is not asked, only who says so: a process that is cut off still counts as a consumer until
 * the broker has its messages back, and until then nobody says this for it.
 */
export function provenBy(sights: readonly EmptySight[], all: readonly InHand[]): number {
  const proven = sights.filter(({ at: sight, consumers }) => {
    const young = all.filter(
      ({ youngSince, at }) => youngSince <= sight - around && sight + around <= at,
    );
    // A queue without consumers says nothing: what they held may be on its way back to it.
    return consumers > 0 && young.length >= consumers;
  });
  return Math.max(0, ...proven.map(({ at }) => at - oldAfter));
}

export interface Drain {
  /** A job: looks at the queue by its consumer in this process, and concludes. */
  look(queue: Pick<Consumer, 'isUp' | 'queueState'>): Promise<void>;
  /** Whether no mail of this UTC day, or of one before it, can be with the broker any more. */
  hasLeftBroker(day: string): boolean;
}

/** `inHand`: what the processes of delivery that live have said last, this one among them. */
export function watchDrain(inHand: () => readonly InHand[], clock: Clock): Drain {
  let sights: EmptySight[] = [];
  let drainedUntil = 0;

  return {
    async look(queue) {
      if (!queue.isUp()) return;
      const { waiting, consumers } = await queue.queueState();
      const now = clock.now();
      sights = sights.filter(({ at }) => at > now - sightLife);
      if (waiting === 0) sights.push({ at: now, consumers });
      drainedUntil = Math.max(drainedUntil, provenBy(sights, inHand()));
    },
    hasLeftBroker: (text) => drainedUntil >= Date.parse(text) + day,
  };
}
