/**
 * The newest durable revision of the rows that this process wrote last. The cache only saves work: an
 * update replaces an insert that would fail, and an older state needs no write at all. The database
 * decides about all other rows, so a lost entry is harmless.
 */
export interface KnownRows {
  revisionOf(rowId: string): number | undefined;
  remember(rowId: string, revision: number): void;
}

export function createKnownRows(capacity: number): KnownRows {
  // Two generations: the older one is dropped when the younger one is full.
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
