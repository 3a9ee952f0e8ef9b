import type { Clock } from '@mysmtp/service';
import { dueRanges } from './slots.ts';
import type { Shelf } from './store.ts';

/** Which slots to claim next. */
export interface DueSlots {
  next(): Promise<number | undefined>;
}

/** Looked at again: other processes' clocks may be behind, and so what they put on the shelf. */
const overlap = 120_000;

/**
 * Finds due slots from where it last stopped up to now, in ranges with both bounds, and hands them
 * out one by one: the shelf is asked once for many claims, and a backlog of a million that is not
 * due costs nothing.
 */
export function createDueSlots(
  shelf: Pick<Shelf, 'dueSlots'>,
  clock: Clock,
  lookBack: number,
): DueSlots {
  let found: number[] = [];
  let scanned = clock.now() - lookBack;

  async function scan(): Promise<void> {
    const now = clock.now();
    for (const range of dueRanges(scanned - overlap, now)) {
      found.push(...(await shelf.dueSlots(range)));
    }
    scanned = now;
    // Each process in an order of its own, so that they seldom reach for the same slot.
    found = found
      .map((slot) => ({ slot, place: Math.random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ slot }) => slot);
  }

  let scannedAt = Number.NEGATIVE_INFINITY;
  return {
    async next() {
      // Within a second nothing new becomes due.
      if (found.length === 0 && clock.now() - scannedAt >= 1_000) {
        scannedAt = clock.now();
        await scan();
      }
      return found.pop();
    },
  };
}
