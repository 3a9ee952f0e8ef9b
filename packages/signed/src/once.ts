/**
 * How far from now a broadcast may have been signed, in either direction: clocks of machines differ.
 * Milliseconds.
 */
const window = 60_000;

export interface Once {
  /** Why a broadcast with this name, signed `at`, does not count `now`; `undefined` where it does. */
  refusal(name: string, at: number, now: number): 'late' | 'again' | undefined;
}

/** Remembers what was heard for as long as it could be heard again. */
export function createOnce(): Once {
  const heard = new Map<string, number>();
  return {
    refusal(name, at, now) {
      if (Math.abs(now - at) > window) return 'late';
      for (const [other, until] of heard) if (until < now) heard.delete(other);
      if (heard.has(name)) return 'again';
      heard.set(name, at + window);
      return undefined;
    },
  };
}
