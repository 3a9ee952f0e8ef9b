import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@mysmtp/log';
import type { IntakeMetrics } from './intake-metrics.ts';
import type { Ticket } from './pending-rows.ts';

/** Counts, durably, how many events of a fenced tenant were dropped. */
export type CountDropped = (erasure: string, count: number) => Promise<void>;

/** An event that will never be written, and the erasure that is why. */
export interface Dropped {
  readonly erasure: string;
  readonly ticket: Ticket;
}

/** Counts and settles events, at once and beside every write. False where that was given up, as we stop. */
export type CountDrops = (dropped: readonly Dropped[]) => Promise<boolean>;

const firstPause = 100;
const longestPause = 5_000;

export function createCountDrops(means: {
  readonly countDropped: CountDropped;
  readonly log: Logger;
  readonly metrics: IntakeMetrics;
  readonly stopping: AbortSignal;
}): CountDrops {
  const { countDropped, log, metrics, stopping } = means;

  async function countOf(erasure: string, { length: count }: readonly Dropped[]): Promise<boolean> {
    for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        await countDropped(erasure, count);
        return true;
      } catch (error) {
        log.warn('messages.drop_not_counted', { erasure, error, count });
        if (stopping.aborted) return false;
        await sleep(pause, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  return async (dropped) => {
    const ends = [...Map.groupBy(dropped, ({ erasure }) => erasure)].map(
      async ([erasure, some]) => {
        if (!(await countOf(erasure, some))) return false;
        metrics.ignored('fenced', some.length);
        for (const { ticket } of some) ticket.done();
        return true;
      },
    );
    return (await Promise.all(ends)).every(Boolean);
  };
}
