import { LRUCache } from 'lru-cache';

/** How many different values each key has had within a time that moves on. */
export interface Windows {
  /** Adds a value at `at` (milliseconds). Returns how many there are now, at most `limit`. */
  add(key: string, value: string, at: number): number;
  /** How many there are at this time. */
  count(key: string, at: number): number;
  values(key: string, at: number): string[];
  forget(key: string): void;
}

/** Keys of one rule: some ten megabytes if each is full. The one that is unused for longest is dropped first. */
const capacity = 20_000;

/** `span`: milliseconds. `limit`: how many values of a key are kept; more of them change nothing. */
export function createWindows({
  span,
  limit,
  keys = capacity,
}: {
  readonly span: number;
  readonly limit: number;
  readonly keys?: number;
}): Windows {
  /** When each value was added last, the oldest first. */
  const all = new LRUCache<string, Map<string, number>>({ max: keys });

  function count(key: string, at: number): number {
    const values = all.get(key);
    if (values === undefined) return 0;
    for (const [value, added] of values) {
      if (added > at - span) break;
      values.delete(value);
    }
    return values.size;
  }

  return {
    count,
    values: (key, at) => (count(key, at) === 0 ? [] : [...(all.get(key)?.keys() ?? [])]),
    add(key, value, at) {
      const values = all.get(key) ?? new Map<string, number>();
      all.set(key, values);
      values.delete(value);
      values.set(value, at);
      const [first] = values.keys();
      if (values.size > limit && first !== undefined) values.delete(first);
      return count(key, at);
    },
    forget: (key) => void all.delete(key),
  };
}
