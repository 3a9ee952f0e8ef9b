/**
 * Where roots live: outside every database, so that what a database, its oplog or its backup still
 * holds of a key is worth nothing once the root is destroyed. One file for each driver, and one
 * suite of tests that each driver passes.
 */
export interface Vault {
  list(): Promise<string[]>;
  /** `undefined` where there is no such root. */
  read(id: string): Promise<Buffer | undefined>;
  /** Durable and exclusive: of several processes one makes it, and the others get `false`. */
  create(id: string, secret: Buffer): Promise<boolean>;
  /** One durable act: after it nobody can read the root again. Doing it again changes nothing. */
  destroy(id: string): Promise<void>;
}

/** Ids become file names and the like. */
export function isRootName(id: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(id);
}
