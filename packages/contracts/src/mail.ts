import { z } from 'zod';

const Base64 = z.string();

/**
 * One recipient as it was given at RCPT, never parsed again.
 * `index` is the blind index of the address; `log` is the sealed part of its row in the usage log
 * (a `LogFacts`), sealed once at acceptance and only passed on from then on.
 */
export const Recipient = z.strictObject({
  address: z.string(),
  index: Base64,
  log: Base64,
});
export type Recipient = z.infer<typeof Recipient>;

/** The envelope (RFC 5321 2.3.1) and what was decided at acceptance. Travels sealed. */
export const Envelope = z.strictObject({
  reversePath: z.string(),
  senderIndex: Base64,
  recipients: z.array(Recipient).min(1),
  /**
   * SMTPUTF8 (RFC 6531), if an address in the envelope or in the header needs it, and BODY=8BITMIME
   * (RFC 6152), if the content does.
   */
  smtputf8: z.boolean(),
  eightBit: z.boolean(),
  /** Octets of the message as it is to be sent, before dot-stuffing and DKIM. */
  size: z.number().int().nonnegative(),
  /** Decided at acceptance: sign as this domain over this relaxed SHA-256 body hash, or leave as it is. */
  signing: z.strictObject({ domain: z.string(), bodyHash: Base64 }).nullable(),
  /** Where the sealed content is when it does not travel inside the broker message. */
  spool: z.strictObject({ id: z.string(), chunks: z.number().int().positive() }).nullable(),
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * AMQP headers of a message for delivery: the only clear text, nothing personal.
 * `kind` `dsn` is a report of ours (RFC 3464) with the null reverse-path; `canary` is planted for an
 * erasure, to be found by its verifier, and is never delivered.
 */
export const MailHeaders = z.object({
  v: z.literal(1),
  id: z.string(),
  tenant: z.string(),
  kind: z.enum(['message', 'dsn', 'canary']),
});
export type MailHeaders = z.infer<typeof MailHeaders>;

/** The one recipient of a canary: a domain that never exists (RFC 2606 2). */
export const canaryAddress = 'canary@mysmtp.invalid';

/** What the sealed half of a usage-log row holds. */
export const LogFacts = z.strictObject({
  sender: z.string(),
  recipient: z.string(),
  messageId: z.string(),
});
export type LogFacts = z.infer<typeof LogFacts>;

/** Names the place of the sealed `LogFacts` of the recipient at place `n` of message `id`. */
export const factsRecord = (id: string, n: number): string => `facts:${id}:${String(n)}`;

/**
 * Names the place of a sealed `Attempt`: the recipient's `count` earlier ones are counted, so that none
 * can be repeated or change places with another.
 */
export const attemptRecord = (id: string, n: number, count: number): string =>
  `attempt:${id}:${String(n)}:${String(count)}`;

/** One attempt to deliver, as the usage log shows it. Sealed: a site can name a person. */
export const Attempt = z.strictObject({
  /** RFC 3339. */
  at: z.string(),
  site: z.string().nullable(),
  tlsVersion: z.string().nullable(),
  /** The remote reply with addresses scrubbed, or our own reason where nobody answered. */
  reply: z.string(),
  enhancedCode: z.string().nullable(),
});
export type Attempt = z.infer<typeof Attempt>;
