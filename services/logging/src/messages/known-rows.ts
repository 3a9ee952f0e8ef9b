/**
 * The newest revision that this process knows to be durable, of the rows it wrote last. It only
 * saves work (an update in place of an insert that must fail, nothing at all for an older state);
 * the database decides what it does not know, so forgetting is harmless.
 */
export interface KnownRows {
  revisionOf(rowId: string): number | undefined;
  remember(rowId: string, revision: number): void;
}

export function createKnownRows(capacity: number): KnownRows {
  // Two generations: the older one is dropped whole when the younger is full.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  return {
    revisionOf: (rowId) => young.get(rowId) ?? old.get(rowId),
    remember(rowId, revision) {
      young.set(rowId, revision);
      if (young.size < capacity / 2) return;
      old = young;
      young = new Map();
    },
  };
}
