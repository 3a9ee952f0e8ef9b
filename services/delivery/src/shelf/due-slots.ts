import type { Clock } from '@mysmtp/service';
import { dueRanges, timeOfSlot } from './slots.ts';
import type { Shelf } from './store.ts';

/** Which slots to claim next. */
export interface DueSlots {
  next(): Promise<number | undefined>;
  /** This slot had more than was taken of it. */
  again(slot: number): void;
}

/** Looked at again: other processes' clocks may be behind, and so what they put on the shelf. */
const overlap = 120_000;

/** How often the oldest that is due is looked for, wherever it is. */
const lookBackEvery = 60_000;

/**
 * Finds due slots from where it last stopped up to now, in ranges with both bounds, and hands them
 * out one by one: the shelf is asked once for many claims, and a backlog of a million that is not
 * due costs nothing. At the start, and now and then, it begins with the oldest that is due: nobody may
 * have been here for weeks, and what is written late or could not be claimed lies behind the last look.
 */
export function createDueSlots(
  shelf: Pick<Shelf, 'dueSlots' | 'firstDueSlot'>,
  clock: Clock,
): DueSlots {
  let found: number[] = [];
  let scanned = clock.now();
  let lookedBackAt = Number.NEGATIVE_INFINITY;

  async function scan(): Promise<void> {
    const now = clock.now();
    const looksBack = now - lookedBackAt >= lookBackEvery;
    const oldest = looksBack ? await shelf.firstDueSlot(now) : undefined;
    const after = Math.min(scanned - overlap, oldest === undefined ? now : timeOfSlot(oldest));
    for (const range of dueRanges(after, now)) {
      for (const slot of await shelf.dueSlots(range)) found.push(slot);
    }
    scanned = now;
    if (looksBack) lookedBackAt = now;
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
    again: (slot) => void found.push(slot),
  };
}
