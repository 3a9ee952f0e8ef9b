import type { KeyObject } from 'node:crypto';

/** Texts that are cached for one key: far more than the senders and domains of one tenant. */
const limit = 1_000;

/**
 * Caches a result computed from a text under a key, because most messages have the same few senders and
 * domains. The results of a key are dropped together with the key.
 */
export function memoizeByKey(
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
