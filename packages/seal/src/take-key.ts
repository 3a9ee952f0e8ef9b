import { createSecretKey, type KeyObject } from 'node:crypto';

/**
 * Creates a key from these octets and overwrites the octets with zeros. The memory of a `KeyObject` cannot be
 * overwritten: it lasts until the garbage collector frees the object.
 */
export function takeKey(octets: Buffer): KeyObject {
  try {
    return createSecretKey(octets);
  } finally {
    octets.fill(0);
  }
}
