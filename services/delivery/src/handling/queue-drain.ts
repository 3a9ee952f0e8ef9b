import type { Consumer } from '@mysmtp/broker';
import { minute, type InFlightReport } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';

/** The queue at a moment when no message waited in it. */
interface EmptyObservation {
  readonly at: number;
  readonly consumers: number;
}

const day = 1_440 * minute;

/** Mail of this age is old. A submission takes far less time, and a key is kept far longer. */
export const oldAfter = day;

/** Longer than the difference of clocks, and than the way of a message to a running process. */
const around = 5 * minute;

/** How long an observation is kept. Its proof arrives within `around` and one or two more checks. */
const observationLife = 3 * around;

/**
 * The acceptance time before which all mail has left the broker. Mail that has not left the broker waits in
 * the queue, is on its way to a process or is in flight, and may move between these. The broker shows how
 * many messages wait and how many consumers it has, but not which messages the consumers hold. So each
 * process states in its heartbeats since when it has consumed without a break and held nothing old.
 *
 * Suppose that no message waited at a moment, and as many processes as there were consumers held nothing old
 * before and after that moment. Then the broker had no old mail at that moment. It gets none later, because
 * ingress takes minutes from acceptance to publishing, not a day. So the result stays true.
 *
 * A process that is cut off still counts as a consumer until the broker has its messages back. Until then one
 * statement is missing, and nothing is proven.
 */
export function drainedUntilBy(
  observations: readonly EmptyObservation[],
  all: readonly InFlightReport[],
): number {
  const proven = observations.filter(({ at: observedAt, consumers }) => {
    const young = all.filter(
      ({ youngSince, at }) => youngSince <= observedAt - around && observedAt + around <= at,
    );
    // A queue without consumers proves nothing: their messages may be on the way back to it.
    return consumers > 0 && young.length >= consumers;
  });
  return Math.max(0, ...proven.map(({ at }) => at - oldAfter));
}

export interface Drain {
  /** Job: reads the state of the queue through this process's consumer, and updates the result. */
  look(queue: Pick<Consumer, 'isUp' | 'queueState'>): Promise<void>;
  /** Whether the broker cannot have mail of this UTC day or of an earlier day any more. */
  hasLeftBroker(day: string): boolean;
}

/** `inFlight`: the newest statement of each live process of delivery, including this one. */
export function watchDrain(inFlight: () => readonly InFlightReport[], clock: Clock): Drain {
  let observations: EmptyObservation[] = [];
  let drainedUntil = 0;

  return {
    async look(queue) {
      if (!queue.isUp()) return;
      const { waiting, consumers } = await queue.queueState();
      const now = clock.now();
      observations = observations.filter(({ at }) => at > now - observationLife);
      if (waiting === 0) observations.push({ at: now, consumers });
      drainedUntil = Math.max(drainedUntil, drainedUntilBy(observations, inFlight()));
    },
    hasLeftBroker: (text) => drainedUntil >= Date.parse(text) + day,
  };
}
