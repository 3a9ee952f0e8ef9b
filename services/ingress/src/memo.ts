import type { KeyObject } from 'node:crypto';

/** Texts that are remembered for one key; far more than one tenant sends as. */
const limit = 1_000;

/**
 * Remembers what was computed from a text under a key: the same few senders and domains come with
 * every message. What is remembered goes with its key.
 */
export function rememberByKey(
  compute: (key: KeyObject, text: string) => string,
): (key: KeyObject, text: string) => string {
  const byKey = new WeakMap<KeyObject, Map<string, string>>();
  return (key, text) => {
    let known = byKey.get(key);
    if (known === undefined) byKey.set(key, (known = new Map()));
    let result = known.get(text);
    if (result === undefined) {
      if (known.size >= limit) known.clear();
      known.set(text, (result = compute(key, text)));
    }
    return result;
  };
}
