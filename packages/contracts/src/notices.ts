import { z } from 'zod';
import { growingWord } from './message.ts';
import { quotasOf } from './plans.ts';

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

/**
 * What ingress tells identity about a limit, so that the owners of the tenant get a notice. Ingress repeats
 * it until identity has answered, and each process of ingress may tell the same.
 */
export const QuotaReport = z.discriminatedUnion('about', [
  /** So many percent of a limit of a day or a month are used. */
  z.strictObject({
    about: z.literal('limit'),
    tenant: z.string(),
    /** Present if the limit is that of a credential. */
    credential: z.string().optional(),
    limit: z.enum([...quotasOf('tenant'), ...quotasOf('credential')]),
    percent: z.union([z.literal(80), z.literal(100)]),
    max: z.int().nonnegative(),
    /** When the window ends. Milliseconds since the epoch. */
    end: z.int().nonnegative(),
  }),
  /** Too much mail of a credential bounces: it is throttled until then. */
  z.strictObject({
    about: z.literal('bounces'),
    tenant: z.string(),
    credential: z.string(),
    end: z.int().nonnegative(),
  }),
]);
export type QuotaReport = z.infer<typeof QuotaReport>;

/** An edition of the documents of privacy (notice, sub-processors and others) that is not in force yet. */
export const Announcement = z.strictObject({
  /** Its number. */
  edition: z.int().min(1),
  /** Milliseconds since the epoch. */
  effectiveAt: z.int().nonnegative(),
  /** Where everybody can read it. */
  page: z.string(),
});
export type Announcement = z.infer<typeof Announcement>;
