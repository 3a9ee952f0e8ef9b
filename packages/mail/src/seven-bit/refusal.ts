/** The reason why a message cannot be recoded. */
export type RefusalReason = keyof typeof words;

const words = {
  signed: 'A signed part of the message is 8-bit, and recoding it would break the signature',
  structure: 'The structure of the message can be read in more than one way',
  encoding:
    'A part of the message has 8-bit octets that its Content-Transfer-Encoding does not allow',
  header: 'A header of a part of the message cannot be written in ASCII',
} as const;

/** Aborts the recoding; `toSevenBit` turns it into a result. */
export class CannotRecode extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(words[reason]);
    this.name = 'CannotRecode';
    this.reason = reason;
  }
}
