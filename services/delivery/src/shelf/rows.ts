import { finalRevision, isFinal, type Envelope, type Status } from '@mysmtp/contracts';

/** What delivery knows of one recipient: nothing personal in clear. */
export interface Row {
  /** The recipient's place in the envelope. */
  n: number;
  status: Status;
  /** Revision of the row's newest event. */
  rev: number;
  /** Blind index of the address. */
  index: string;
  /** Sealed `LogFacts`, made at acceptance and only passed on. */
  facts: Buffer;
  /** Sealed `Attempt`s, oldest first. */
  attempts: Buffer[];
  /** Id of the report that tells the sender of this failure, once it is made. */
  dsn?: string;
}

/** The rows of a message of which nothing has happened yet. */
export function newRows(envelope: Envelope): Row[] {
  return envelope.recipients.map((recipient, n) => ({
    n,
    status: 'accepted',
    rev: 0,
    index: recipient.index,
    facts: Buffer.from(recipient.log, 'base64'),
    attempts: [],
  }));
}

/** Moves a row to a status; what is final stays as it is. */
export function advance(row: Row, status: Status): boolean {
  if (isFinal(row.status)) return false;
  row.status = status;
  row.rev = isFinal(status) ? finalRevision : row.rev + 1;
  return true;
}

export const pendingRows = (rows: readonly Row[]): Row[] =>
  rows.filter((row) => !isFinal(row.status));

/** Failures that the sender has not been told of. */
export const unreportedRows = (rows: readonly Row[]): Row[] =>
  rows.filter(
    (row) => (row.status === 'bounced' || row.status === 'expired') && row.dsn === undefined,
  );
