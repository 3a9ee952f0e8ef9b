import { hour } from '@mysmtp/contracts';
/** A second of due time is shared by so many slots: about a hundred messages each on a busy shelf. */
export const slotsPerSecond = 16;

/**
 * The slot of a moment. What a slot's time means depends on the state of its documents: `ready` are
 * due then, `held` expire then, `finished` are removed then. One index serves all of them.
 */
export function slotOf(at: number, random: () => number = Math.random): number {
  return firstSlotOf(at) + Math.floor(random() * slotsPerSecond);
}

/** The lowest slot of the second of `at`. */
export function firstSlotOf(at: number): number {
  return Math.floor(at / 1_000) * slotsPerSecond;
}

/** The second that a slot belongs to. */
export function timeOfSlot(slot: number): number {
  return Math.floor(slot / slotsPerSecond) * 1_000;
}

export interface SlotRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Slots that became due between two moments, in ranges of a few hours: every query has both bounds. */
export function* dueRanges(after: number, now: number, step = 6 * hour): Generator<SlotRange> {
  // The second of `now` itself is not over: its slots may still fill, and are taken a second later.
  const end = firstSlotOf(now);
  for (let from = firstSlotOf(after); from < end;) {
    const to = Math.min(from + (step / 1_000) * slotsPerSecond, end);
    yield { from, to };
    from = to;
  }
}
