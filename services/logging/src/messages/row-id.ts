import { isMessageId, lowestMessageId, rowIdOf, timeOfMessageId } from '@mysmtp/contracts';

/** The reverse of `rowIdOf`. */
export function parseRowId(id: string): { message: string; n: number } {
  return { message: id.slice(0, 36), n: Number(id.slice(37)) };
}

export function isRowId(text: string): boolean {
  return isMessageId(text.slice(0, 36)) && /^:\d{1,9}$/.test(text.slice(36));
}

export function acceptedAtOf(rowId: string): number {
  return timeOfMessageId(rowId);
}

/** Not above the id of any row that was accepted at `at` or later, and above all earlier ones. */
export function lowestRowId(at: number): string {
  return lowestMessageId(at);
}

/** The id of no row: below those of `at` or later, above all earlier ones, in the form of a row id. */
export function rowIdAt(at: number): string {
  return rowIdOf(`${lowestMessageId(at)}-7000-8000-000000000000`, 0);
}

/** The bounds of all rows of one message: `:` is followed by `;` in ASCII. */
export function rowsOfMessage(message: string): { from: string; below: string } {
  return { from: `${message}:`, below: `${message};` };
}

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
