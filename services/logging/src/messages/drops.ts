import type { Ticket } from './pending-rows.ts';

/** Counts, durably, how many events of a fenced tenant were dropped. */
export type CountDropped = (erasure: string, count: number) => Promise<void>;

/** Events that will never be written and are settled once they are counted, by erasure. */
export interface Drops {
  readonly size: number;
  add(erasure: string, ticket: Ticket): void;
  /** Counts and settles all of them, and says how many; what could not be counted stays. */
  count(): Promise<number>;
}

export function createDrops(countDropped: CountDropped): Drops {
  const waiting = new Map<string, Ticket[]>();
  return {
    get size() {
      return waiting.size;
    },
    add(erasure, ticket) {
      const tickets = waiting.get(erasure);
      if (tickets === undefined) waiting.set(erasure, [ticket]);
      else tickets.push(ticket);
    },
    async count() {
      let counted = 0;
      for (const [erasure, tickets] of waiting) {
        const { length } = tickets;
        await countDropped(erasure, length);
        // More may have come meanwhile.
        for (const ticket of tickets.splice(0, length)) ticket.done();
        if (tickets.length === 0) waiting.delete(erasure);
        counted += length;
      }
      return counted;
    },
  };
}
