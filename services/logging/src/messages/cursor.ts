import { isRowId } from './row-id.ts';

/**
 * Where the next page starts: below the last row of this one. A place in the order of acceptance, so
 * rows that come meanwhile neither repeat nor move what follows.
 */
export function cursorAfter(rowId: string): string {
  return Buffer.from(rowId).toString('base64url');
}

/** The row id of a cursor; `undefined` for what is no cursor of ours, or another spelling of one. */
export function readCursor(cursor: string): string | undefined {
  const rowId = Buffer.from(cursor, 'base64url').toString();
  return isRowId(rowId) && cursorAfter(rowId) === cursor ? rowId : undefined;
}
