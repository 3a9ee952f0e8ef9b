import { z } from 'zod';
import { growingWord } from './message.ts';

/** A notice of identity to a person who has an account, as a mail. */
export const SubmittedNotice = z.strictObject({
  /**
   * Its message id, made by identity. A repeated request has the same id, so it leads to one row of the
   * usage log, and to one delivery while the first copy is under way.
   */
  id: z.uuidv7(),
  /** The tenant of the recipient, or `operatorRealm`. The mail is sealed under its keys. */
  tenant: z.string(),
  /** Author and reverse-path. */
  from: z.string(),
  to: z.string(),
  /** One line of ASCII. */
  subject: z.string().regex(/^[ -~]{1,200}$/),
  /** Lines that end in LF. */
  text: z.string(),
});
export type SubmittedNotice = z.infer<typeof SubmittedNotice>;

/**
 * `accepted`: the broker has confirmed the message. `refused`: it can never be accepted, for example
 * because of its address. If neither is certain the call fails.
 */
export const NoticeResult = z.strictObject({
  result: growingWord(['accepted', 'refused'], 'refused'),
});
export type NoticeResult = z.infer<typeof NoticeResult>['result'];
