/**
 * Greatest tolerated difference between now and a broadcast's signing time, in either direction, because
 * clocks of machines differ. Milliseconds.
 */
const window = 60_000;

export interface Once {
  /** Why a broadcast with this name, signed `at`, is refused `now`; `undefined` if it is valid. */
  refusal(name: string, at: number, now: number): 'late' | 'again' | undefined;
}

/** Remembers the ids of broadcasts for as long as they could be replayed. */
export function createOnce(): Once {
  const verified = new Map<string, number>();
  return {
    refusal(name, at, now) {
      if (Math.abs(now - at) > window) return 'late';
      for (const [other, until] of verified) if (until < now) verified.delete(other);
      if (verified.has(name)) return 'again';
      verified.set(name, at + window);
      return undefined;
    },
  };
}
