import { isRowId } from './row-id.ts';

/**
 * Start of the next page: below the last row of this one. The cursor is a position in the order of
 * acceptance. So new rows neither repeat nor move the following ones.
 */
export function cursorAfter(rowId: string): string {
  return Buffer.from(rowId).toString('base64url');
}

/** The row id of a cursor; `undefined` if it is invalid or not in canonical form. */
export function readCursor(cursor: string): string | undefined {
  const rowId = Buffer.from(cursor, 'base64url').toString();
  return isRowId(rowId) && cursorAfter(rowId) === cursor ? rowId : undefined;
}
