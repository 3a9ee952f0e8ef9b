import type { Logger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import type { EventWriterMetrics } from './event-writer-metrics.ts';
import type { Ticket } from './pending-rows.ts';

/** Counts durably how many events of a fenced tenant were dropped. */
export type CountDropped = (erasure: string, count: number) => Promise<void>;

/** An event that will never be written, and the erasure that is the reason. */
export interface Dropped {
  readonly erasure: string;
  readonly ticket: Ticket;
}

/**
 * Counts and settles events at once, in parallel to writes. False if this was given up because the
 * service stops.
 */
export type CountDrops = (dropped: readonly Dropped[]) => Promise<boolean>;

const delays = { first: 100, longest: 5_000 } as const;

export function createCountDrops(deps: {
  readonly countDropped: CountDropped;
  readonly log: Logger;
  readonly metrics: EventWriterMetrics;
  readonly stopping: AbortSignal;
}): CountDrops {
  const { countDropped, log, metrics, stopping } = deps;

  function countOf(erasure: string, { length: count }: readonly Dropped[]): Promise<boolean> {
    return retry(() => countDropped(erasure, count), {
      ...delays,
      signal: stopping,
      onRetry: (error) => log.warn('messages.drop_not_counted', { erasure, error, count }),
    }).then(
      () => true,
      () => false,
    );
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
