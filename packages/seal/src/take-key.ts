import { createSecretKey, type KeyObject } from 'node:crypto';

/**
 * Makes a key of its octets and fills them with zeros. The memory of a `KeyObject` is not ours to
 * overwrite: it lasts until the garbage collector takes the object.
 */
export function takeKey(octets: Buffer): KeyObject {
  try {
    return createSecretKey(octets);
  } finally {
    octets.fill(0);
  }
}
