/**
 * Storage of the roots, outside every database. Once a root is destroyed, what a database, its oplog or
 * its backup still has of a key is useless. Each driver has one file, and all drivers pass one test
 * suite.
 */
export interface Vault {
  list(): Promise<string[]>;
  /** `undefined` if there is no such root. */
  read(id: string): Promise<Buffer | undefined>;
  /** Durable and exclusive: one process makes the root, and the others get `false`. */
  create(id: string, secret: Buffer): Promise<boolean>;
  /** Durable: afterwards the root can never be read again. Idempotent. */
  destroy(id: string): Promise<void>;
}

/** Ids are used as file names. */
export function isRootName(id: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(id);
}
